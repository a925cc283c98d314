"""From what a service says that it made to the picture itself: its address looked at, its bytes and pixels limited."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import httpx

from calotype.ground.diagnostics import Problem
from calotype.workers.render.hosted.faults import NotNow, Refused
from calotype.workers.render.hosted.limited import Limited

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

MOST_BYTES = 64 * 1024 * 1024
MOST_BYTES_OF_LORA = 1024 * 1024 * 1024
_HOSTS = ("fal.media", "fal.ai", "fal.run")
"""Hosts of fal's, with all below them."""
_BUCKET = ("storage.googleapis.com", "/falserverless/")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}")
_DATA = "data:image/"
LEAST_SIDE = 16
"""Pixels that each side of a picture has at the least, as in a spec."""
AGAIN = "it is paid for: `calotype build` fetches it again, and pays nothing"


def address_in(result: Any) -> str:
    """The address of the one picture in what a service answered. Raises Refused where there is none, or where its
    safety checker has blanked it."""
    blanked = result.get("has_nsfw_concepts") if isinstance(result, Mapping) else None
    if isinstance(blanked, Sequence) and any(flag is True for flag in blanked):
        raise Refused("fal's safety checker has blanked the picture, which is paid for", BLANKED)
    rows = result.get("images", [result.get("image")]) if isinstance(result, Mapping) else None
    row = rows[0] if isinstance(rows, list) and len(rows) == 1 else None
    address = row.get("url") if isinstance(row, Mapping) else None
    if not isinstance(address, str) or not address:
        count = len(rows) if isinstance(rows, list) else 0
        raise Refused(f"fal answered with {count} pictures in place of 1" if count > 1 else
                      "fal's answer names no picture", AGAIN)
    return address


BLANKED = "change the prompt or the seed, or say `hosted: {safety: false}`"


def fetch(address: str, hosts: Sequence[str], timeout: float) -> Pixels:
    """The picture at an address that a service gave, decoded. Raises Refused for one that may not be fetched or is no
    picture, NotNow where a later try may succeed."""
    if address.startswith(_DATA):
        return _decoded(_from_data(address))
    return _decoded(_bytes_at(_checked(address, hosts, "picture"), timeout, "picture", MOST_BYTES))


def fetch_file(address: str, hosts: Sequence[str], timeout: float) -> bytes:
    """The bytes of a LoRA at an address that a service gave. Raises as `fetch` does."""
    return _bytes_at(_checked(address, hosts, "LoRA"), timeout, "LoRA", MOST_BYTES_OF_LORA)


def _checked(address: str, hosts: Sequence[str], noun: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
        _ = url.host  # decodes what was encoded
    except (httpx.InvalidURL, ValueError):
        raise Refused(f"the address of the {noun} is none", AGAIN) from None
    if url.scheme != "https" or url.userinfo or not _is_known(url, hosts):
        where = f"{url.scheme}://{url.netloc.decode('ascii', 'replace').rpartition('@')[2]}"
        raise Refused(f"the {noun} is said to lie at {where}, which is no host of fal's",
                      "if it is, name it under `hosted: {hosts: [...]}`; " + AGAIN)
    return url


def _is_known(url: httpx.URL, hosts: Sequence[str]) -> bool:
    from fal_client.client import QUEUE_URL_FORMAT

    place = url.netloc.decode("ascii", "replace")
    if place in (*hosts, httpx.URL(QUEUE_URL_FORMAT).netloc.decode("ascii")) or url.host in hosts:
        return True
    if url.port is not None or not _HOST.fullmatch(url.host) or ".." in url.path:
        return False
    in_bucket = url.host == _BUCKET[0] and url.path.startswith(_BUCKET[1])
    return in_bucket or any(url.host == host or url.host.endswith(f".{host}") for host in _HOSTS)


def _bytes_at(url: httpx.URL, timeout: float, noun: str, most: int) -> bytes:
    """Without the key: who gave the address need not be who is asked."""
    from fal_client.client import BackupDomainTransport

    transport = Limited(BackupDomainTransport(), most, timeout)  # by the proxies of the environment, as the queue
    headers = {"Accept-Encoding": "identity"}
    try:
        with httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, headers=headers) as client:
            response = client.get(url)
    except httpx.HTTPError as failure:
        raise NotNow(f"the {noun} cannot be fetched ({type(failure).__name__}: {failure})") from None
    if response.is_redirect:
        raise Refused(f"the {noun} is said to have moved from {url.host} elsewhere ({response.status_code})", AGAIN)
    if response.status_code != httpx.codes.OK:
        raise NotNow(f"{url.host} answers {response.status_code} when asked for the {noun}")
    content: bytes = response.content
    return content


def _from_data(address: str) -> bytes:
    head, _, body = address.partition(",")
    if not head.endswith(";base64") or len(body) > MOST_BYTES:
        raise Refused("the picture in fal's answer cannot be read", AGAIN)
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("the picture in fal's answer cannot be read", AGAIN) from None


def _decoded(data: bytes) -> Pixels:
    """Raises NotNow for bytes that are no whole picture (they may have been cut off), Refused for one that is tiny, or
    black all over, as safety checkers leave it."""
    from calotype.ground.images import eight_bit, open_image

    try:
        picture = eight_bit(open_image(data))
    except Problem as problem:
        raise NotNow(f"what fal gives as the picture: {problem.diagnostics[0].message}") from None
    if min(picture.size) < LEAST_SIDE:
        raise Refused(f"the picture has {picture.width} x {picture.height} pixels, and is paid for", BLANKED)
    if picture.convert("RGB").getextrema() == ((0, 0), (0, 0), (0, 0)):
        raise Refused("the picture is black all over, as a safety checker leaves it, and is paid for", BLANKED)
    return picture
