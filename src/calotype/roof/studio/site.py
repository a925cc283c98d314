"""The contact sheets as the server gives them: the files that a build wrote, with the script that keeps them alive."""

from __future__ import annotations

import hashlib
import os
import re
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from calotype.ground.files import open_descriptor
from calotype.ground.folders import BUILD, CONTENT, TRACES
from calotype.ground.paths import inside
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.own_pages import inbox_page, lost_page, opening_page
from calotype.roof.studio.served_files import (
    PART,
    Parts,
    is_asked_again,
    packaged,
    script_of,
    tag_of,
    tag_of_file,
)

KINDS = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".png": "image/png", ".webp": "image/webp", ".svg": "image/svg+xml", ".zip": "application/zip",
    ".txt": "text/plain; charset=utf-8", ".json": "application/json",
}
"""What is served, by the suffix of its file, and as what."""
LARGEST = 1 << 26
"""Bytes of a page, a stylesheet or a script that is served."""
IN_PARTS = (".png", ".webp", ".zip")
HANDED_OUT = f"{CONTENT}/training/"
"""Where the archives lie that are served: training sets."""
_ONLY_IN = {".zip": HANDED_OUT, ".txt": f"{TRACES}/", ".json": f"{TRACES}/"}
"""What is served of one place alone, by its suffix: nobody else's logs, records or archives."""
_META_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>\n?', re.IGNORECASE)
_FOREVER, _ASK_AGAIN = "private, max-age=31536000, immutable", "no-cache"


def site(root: Path, builder: Builder) -> APIRouter:
    """Pages, pictures and scripts of the project at `root`, which `builder` builds."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    def start() -> Response:
        return RedirectResponse(f"/{BUILD}/index.html", 307)

    @router.api_route("/inbox", methods=["GET", "HEAD"])
    def inbox(request: Request) -> Response:
        """What waits for a person: with scripts one after the other, without them a list."""
        waiting = [target for target, status in builder.left.items() if status == "awaiting"]
        return _answer(request, alive(inbox_page(waiting)), KINDS[".html"])

    @router.api_route("/studio/{name:path}", methods=["GET", "HEAD"])
    def part(name: str, request: Request) -> Response:
        """The script and the look that Studio adds."""
        if name not in PARTS:
            return Response(status_code=404)
        return _answer(request, PARTS[name], KINDS[os.path.splitext(name)[1]], forever="v" in request.query_params)

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    def file(path: str, request: Request) -> Response:
        """A file in build/ or content/ of a kind that pages show."""
        suffix = os.path.splitext(path)[1]
        if path.split("/")[0] not in (BUILD, CONTENT) or suffix not in KINDS or ".." in path.split("/"):
            return Response(status_code=404)
        if not path.startswith(_ONLY_IN.get(suffix, "")):
            return Response(status_code=404)
        try:
            handle, status = open_descriptor(inside(root, path))
        except (OSError, ValueError):
            instead = _before_the_first_build(path)
            if instead is not None:
                return _answer(request, instead, KINDS[suffix])
            lost = alive(lost_page()) if suffix == ".html" else None
            return Response(lost, 404, media_type=KINDS[suffix] if lost else None)
        if suffix in IN_PARTS and status.st_size > 8 * PART:
            return _in_parts(request, handle, status, KINDS[suffix])
        with open(handle, "rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            return Response(status_code=404)
        forever = "v" in request.query_params and suffix != ".html"
        if suffix == ".html":
            data = alive(data)
        elif suffix == ".js":
            script = script_of(path, data)
            if script is None:
                return Response(status_code=404)
            data, forever = script, forever and script is data
        return _answer(request, data, KINDS[suffix], forever=forever)

    return router


def alive(page: bytes) -> bytes:
    """A contact sheet that hears what is built: without its own policy, which this server's takes the place of, and
    with Studio's script and look."""
    page = _META_POLICY.sub(b"", page, count=1)
    head, end, body = page.partition(b"</head>")
    before = _THEME if _THEME in body else b"</header>"
    return head + _TAGS + end + body.replace(before, _LINKS + before, 1)


def _before_the_first_build(path: str) -> bytes | None:
    """What stands in the place of a page's files until a build has written them."""
    folder, _, name = path.rpartition("/")
    if folder == BUILD and name == "index.html":
        return alive(opening_page())
    if folder == BUILD and name in ("sheet.css", "sheet.js"):
        return packaged(name)
    return None


def _answer(request: Request, data: bytes, kind: str, *, forever: bool = False) -> Response:
    tag = tag_of(data)
    headers = {"etag": tag, "cache-control": _FOREVER if forever else _ASK_AGAIN}
    if kind in (KINDS[".svg"], KINDS[".zip"]):  # opened by itself a drawing would be a page
        headers["content-disposition"] = "attachment"
    if is_asked_again(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=kind, headers=headers)


def _in_parts(request: Request, handle: int, status: os.stat_result, kind: str) -> Response:
    forever = "v" in request.query_params
    tag = tag_of_file(status)
    headers = {"etag": tag, "cache-control": _FOREVER if forever else _ASK_AGAIN}
    if kind == KINDS[".zip"]:
        headers["content-disposition"] = "attachment"
    if is_asked_again(request.headers.get("if-none-match"), tag):
        os.close(handle)
        return Response(status_code=304, headers=headers)
    return Parts(handle, status.st_size, kind, headers)


def _parts() -> dict[str, bytes]:
    folder = files("calotype.roof.studio") / "static"
    folders = [("", folder), *((f"{entry.name}/", entry) for entry in folder.iterdir() if entry.is_dir())]
    return {f"{prefix}{entry.name}": entry.read_bytes() for prefix, place in folders for entry in place.iterdir()
            if os.path.splitext(entry.name)[1] in KINDS}


PARTS = _parts()
_LINKS = b'<a class="tool" href="/inbox">Inbox</a>\n'
_THEME = b'<button class="tool theme"'
_VERSION = hashlib.sha256(b"".join(PARTS[name] for name in sorted(PARTS))).hexdigest()[:12].encode()
_TAGS = (b'<link rel="stylesheet" href="/studio/studio.css?v=%b">\n'
         b'<script type="module" src="/studio/studio.js?v=%b"></script>\n') % (_VERSION, _VERSION)
