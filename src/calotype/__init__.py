"""Calotype: make for generated images. This page only names the public API; it imports nothing until asked."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calotype.build.project import Project

__all__ = ["Project", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Project":
        from calotype.build.project import Project

        return Project
    raise AttributeError(f"module 'calotype' has no attribute {name!r}")
