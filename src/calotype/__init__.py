"""Calotype: make for generated images. This page only names the public API; it imports nothing until asked."""

from calotype.ground.version import VERSION as __version__

TYPE_CHECKING = False  # typing's own costs a no-op build a tenth of its time
if TYPE_CHECKING:
    from calotype.api import Project
    from calotype.ground.diagnostics import Problem

__all__ = ["Problem", "Project", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Project":
        from calotype.api import Project

        return Project
    if name == "Problem":
        from calotype.ground.diagnostics import Problem

        return Problem
    raise AttributeError(f"module 'calotype' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__file__", "__name__", "__path__"]
