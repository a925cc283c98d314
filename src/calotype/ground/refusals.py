"""What a system may refuse though no program is wrong, as diagnostics: a full disk, a folder without rights."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.troubleshooting import OUT_OF_MEMORY, see

REFUSALS = {
    errno.ENOSPC: ("disk-full", "free some space and run the same command again: what is finished is kept"),
    errno.EDQUOT: ("disk-full", "your quota is used up: free some space and run the same command again"),
    errno.EFBIG: ("file-too-large", "raise the limit on the size of files (`ulimit -f`)"),
    errno.EROFS: ("read-only", "check what the file allows, and how its disk is mounted"),
    errno.EACCES: ("permission", "check who owns the file and its folder, and what they allow"),
    errno.EPERM: ("permission", "check who owns the file and its folder, and what they allow"),
    errno.ENOTDIR: ("in-the-way", "a file stands where a folder should be: move it away"),
    errno.EISDIR: ("in-the-way", "what stands there is no file: move it away"),
    errno.ENAMETOOLONG: ("name-too-long", "shorten the path of the project, or the ids in its specs"),
    errno.ELOOP: ("link-loop", "a link leads to itself: correct or remove it"),
    errno.EMFILE: ("open-files", "raise the limit on open files (`ulimit -n`)"),
    errno.ENFILE: ("open-files", "close other programs: the system has no room for more open files"),
    errno.ENOMEM: ("no-memory", f"close other programs, or build with `-j 1`; {see(OUT_OF_MEMORY)}"),
    errno.EBUSY: ("busy", "another program holds the file: run the same command again when it has ended"),
    errno.EAGAIN: ("busy", "another program holds the file: run the same command again when it has ended"),
    errno.ETXTBSY: ("busy", "another program holds the file: run the same command again when it has ended"),
    errno.EINTR: ("interrupted-call", "a signal came in between: run the same command again, what is finished is kept"),
    errno.ESTALE: ("disk-away", "the disk behind the network has changed or gone: mount it again"),
    errno.ETIMEDOUT: ("disk-away", "the disk behind the network does not answer: look after it, then build again"),
    errno.EIO: ("disk-error", "the disk reports an error: check it before you go on"),
}
"""errno -> diagnostic code and hint."""


def refused(refusal: OSError) -> Diagnostic:
    """The diagnostic of a refusal; one that is not known is raised again. A temporary file is nobody's: what is told is
    the folder in which it could not be written."""
    from calotype.ground.atomic import TEMP_PREFIX

    if refusal.errno not in REFUSALS:
        raise refusal
    code, hint = REFUSALS[refusal.errno]
    if not refusal.filename:
        return error(code, str(refusal.strerror), hint=hint)
    path = Path(os.fsdecode(refusal.filename))
    return error(code, f"{refusal.strerror}: {path.parent if path.name.startswith(TEMP_PREFIX) else path}", hint=hint)


def require_folder_fits(folder: Path, hint: str) -> None:
    """Raises Problem (exit 2) where a file stands at `folder`, or where one of those above it is to be."""
    above = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not above.is_dir():
        below = "" if above == folder else f": `{folder.as_posix()}` cannot be made"
        raise Problem(error("in-the-way", f"`{above.as_posix()}` is no folder{below}", hint=hint))


def make_output_folder(folder: Path, hint: str) -> None:
    """Makes `folder` and those above it. Raises Problem (exit 2) where a file stands in the way, or the system lets
    nobody make a folder there, as in /proc; OSError where the disk refuses."""
    require_folder_fits(folder, hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError:  # what /proc says of a folder that is to be made there
        raise Problem(error("in-the-way", f"no folder can be made at `{folder.as_posix()}`", hint=hint)) from None
