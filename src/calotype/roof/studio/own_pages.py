"""The pages that no build writes: what stands until the first build is over, and the inbox."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from calotype.roof.studio.addresses import page_of

MOST_LISTED = 500
"""Targets that the inbox lists without scripts."""
_PAGE = """<!doctype html>
<html lang="en" data-base="/build/">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Calotype</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/build/sheet.css">
<script src="/build/sheet.js" defer></script>
</head>
<body>
<a class="skip" href="#Main">Skip to the images</a>
{header}<main id="Main">
<div id="Page">
{body}
</div>
</main>
</body>
</html>
"""
_HEADER = """<header class="top">
<nav aria-label="Breadcrumb"><a class="mark" href="/build/index.html">calotype</a><span>{title}</span></nav>
<button class="tool theme" type="button" aria-label="Dark or light" hidden><span aria-hidden="true">◐</span></button>
</header>
"""


def opening_page() -> bytes:
    """What stands in the place of the sheets until a build has written them."""
    body = ("<h1>The first pictures are being made</h1>\n<p>This page shows them as soon as they are there; without "
            "scripts, load it again.</p>")
    return _PAGE.format(title="Opening", header="", body=body).encode()


def lost_page() -> bytes:
    """What stands at the address of a sheet that is none, or is no more."""
    body = ('<h1>There is no such page</h1>\n<p>Its spec was renamed or removed, or it never was. '
            '<a href="/build/index.html">All pages</a></p>')
    return _PAGE.format(title="No such page", header="", body=body).encode()


def inbox_page(waiting: Iterable[str]) -> bytes:
    """The inbox: links to what waits for a person, which the script turns into one picture after the other."""
    names = list(waiting)
    rows = [f'<li><a href="{escape(page_of(name))}"><code>{escape(name)}</code></a></li>'
            for name in names[:MOST_LISTED]]
    if not rows:
        rows = ["<li>Nothing waits for you.</li>"]
    elif len(names) > MOST_LISTED:
        rows.append(f"<li>and {len(names) - MOST_LISTED} more</li>")
    body = f'<div id="Stage"><h1>Inbox</h1>\n<ul>{"".join(rows)}</ul></div>'
    return _PAGE.format(title="Inbox", header=_HEADER.format(title="Inbox"), body=body).encode()
