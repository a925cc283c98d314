"""Whether what Studio needs is installed. It imports nothing of that."""

from __future__ import annotations

from importlib.util import find_spec

from calotype.ground.diagnostics import Problem, error

PACKAGES = ("fastapi", "uvicorn", "jwt", "cryptography", "python_multipart")
"""What the extra `studio` adds."""


def require_studio() -> None:
    """Raises Problem where the extra is not installed."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if absent:
        raise Problem(error("missing-extra", f"Studio needs {', '.join(absent)}, not installed here",
                            hint="pip install 'calotype[studio]'"))
