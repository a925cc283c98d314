"""fal's queue through fal_client, which asks once and follows nobody: submit, status, result.

fal_client sends a request again when its answer is lost, and pays again; follows redirects and whatever address an
answer names; and reads answers of any size. None of that happens here. Importing this module imports fal_client.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import fal_client.client
import httpx
from fal_client import Completed, FalClientHTTPError, SyncClient

from calotype.ground.diagnostics import Problem, error
from calotype.workers.guarded import printable
from calotype.workers.render.hosted.buying import KEY
from calotype.workers.render.hosted.faults import Lost, MadeNothing, NotNow, NotTaken, Refused, Unknown
from calotype.workers.render.hosted.limited import Limited

fal_client.client.MAX_ATTEMPTS = 1

MOST_BYTES = 8 * 1024 * 1024
"""Of an answer that is JSON."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_MAYBE_TAKEN = frozenset((408, 409, 425))
"""Refusals after which the request may all the same have been taken."""
_WORDS = 300
_SECRET = 8
"""Letters of a part of the key that is never said: it is an id and a secret."""
_UPLOADS = 3
_PAUSE, _LONGEST_PAUSE = 2.0, 60.0


class _Client(SyncClient):
    """Follows no redirect and reads no answer without bound."""

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=Limited(fal_client.client.BackupDomainTransport(), MOST_BYTES, self.default_timeout),
            headers={"Authorization": f"Key {self.key}", "User-Agent": fal_client.client.USER_AGENT,
                     "Accept-Encoding": "identity"},
            timeout=self.default_timeout, follow_redirects=False)

    def prepare(self) -> None:
        """Makes its client, with the certificates and the proxies of the environment. Raises what refuses them."""
        assert self._client is not None


class Queue:
    """The queue of the account whose key the environment holds. Raises Problem for a key that cannot be sent, and where
    the environment lets no connection be made: before anything is written down as bought."""

    def __init__(self, timeout: float) -> None:
        self._key = os.environ.get(KEY, "").strip()
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            raise Problem(error("no-key", f"`{KEY}` holds no key", hint=f"export {KEY}=...: the key of your account"))
        self._client = _Client(key=self._key, default_timeout=timeout)
        self._uploaded: dict[str, str] = {}
        try:
            self._client.prepare()
        except (OSError, ValueError, ImportError, httpx.InvalidURL) as failure:
            raise Problem(error(
                "no-connection", f"no connection to fal can be made: {self._words(failure)}",
                hint="look at SSL_CERT_FILE, SSL_CERT_DIR and HTTPS_PROXY in the environment")) from None

    def submit(self, endpoint: str, arguments: dict[str, Any]) -> str:
        """Sends a request once. Returns its id. Raises NotTaken, or Unknown where it may have been taken."""
        try:
            id = self._client.submit(endpoint, arguments).request_id
        except _NOT_SENT as failure:
            hint = "look at the connection, and build again"
            raise NotTaken(f"fal cannot be reached: {self._words(failure)}", hint) from None
        except FalClientHTTPError as failure:
            raise self._refusal(failure) from None
        except httpx.HTTPError as failure:
            raise Unknown(f"the answer was lost ({type(failure).__name__})") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Unknown("the answer was no answer of fal's") from None
        except Exception as failure:  # it may have been sent: what nobody foresaw is written down as that
            raise Unknown(f"it could not be followed ({type(failure).__name__})") from None
        if not isinstance(id, str) or not _ID.fullmatch(id):
            raise Unknown("the answer held no id")
        return id

    def is_done(self, endpoint: str, request: str) -> bool:
        """Whether the service has ended with a request. Raises Lost, MadeNothing or NotNow."""
        try:
            status = self._client.status(endpoint, request)
        except Exception as failure:
            raise self._not_had(failure, "status") from None
        if isinstance(status, Completed) and status.error:
            raise MadeNothing(self._shown(status.error))
        return isinstance(status, Completed)

    def result(self, endpoint: str, request: str) -> Any:
        """The JSON that the service made of a request that is done. Raises as `is_done` does."""
        try:
            handle = self._client.get_handle(endpoint, request)
            response = fal_client.client._maybe_retry_request(handle.client, "GET", handle.response_url)
            return response.json()
        except Exception as failure:
            raise self._not_had(failure, "result") from None

    def upload(self, digest: str, place: Path) -> str:
        """The address of a file, by the digest of its bytes, where the service can read it: put there once. Raises
        Refused where that cannot be done; it costs nothing."""
        for number in range(_UPLOADS):
            try:
                if digest not in self._uploaded:
                    self._uploaded[digest] = str(
                        self._client.upload_file(place, repository="fal_v3", fallback_repository=[]))
                return self._uploaded[digest]
            except Exception as failure:
                if number == _UPLOADS - 1:
                    raise Refused(f"`{place.name}` cannot be put where fal reads it: {self._words(failure)}",
                                  "nothing is paid for it: build again") from None
        raise AssertionError("it was put there, or refused")

    def close(self) -> None:
        self._client._client.close()

    def _refusal(self, failure: FalClientHTTPError) -> NotTaken | Unknown:
        code, words = failure.status_code, self._shown(failure.message)
        if code == 429:
            after = pause(failure.response)
            return NotTaken("fal takes no more requests for now (429)", "build again later",
                            _PAUSE if after is None else after)
        if code in (401, 403):
            return NotTaken(f"fal does not take the key ({code}): {words}", f"look at `{KEY}`, and at your balance")
        if 400 <= code < 500 and code not in _MAYBE_TAKEN:
            return NotTaken(f"fal refuses the request ({code}): {words}",
                            "what an endpoint takes is said under `hosted: {models: ...}`")
        return Unknown(f"fal answered {code}")

    def _not_had(self, failure: Exception, noun: str) -> Lost | MadeNothing | NotNow:
        if not isinstance(failure, FalClientHTTPError):
            return NotNow(f"its {noun} cannot be had: {self._words(failure)}")
        code, words = failure.status_code, self._shown(failure.message)
        if code == 404:
            return Lost(f"fal knows it no more (404): {words}")
        if code in (400, 422):
            return MadeNothing(f"fal could not make it ({code}): {words}")
        return NotNow(f"fal answers {code} when asked for its {noun}: {words}",
                      pause(failure.response) if code == 429 else None)

    def _words(self, failure: Exception) -> str:
        return self._shown(f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__)

    def _shown(self, text: object) -> str:
        """What the service said, on one line, cut off, and without the key, should it have said that."""
        line = printable(str(text))
        for secret in (self._key, *(part for part in self._key.split(":") if len(part) >= _SECRET)):
            line = line.replace(secret, f"[{KEY}]")
        line = " ".join(line.split())
        return line if len(line) <= _WORDS else f"{line[:_WORDS]}..."


def pause(response: httpx.Response) -> float | None:
    """Seconds that a service asks to wait, 60 at most; None where it does not say."""
    from email.utils import parsedate_to_datetime
    from time import time

    text = response.headers.get("retry-after", "")
    is_number = text.isascii() and text.replace(".", "", 1).isdigit()
    try:
        seconds = float(text) if is_number else parsedate_to_datetime(text).timestamp() - time()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_PAUSE)
