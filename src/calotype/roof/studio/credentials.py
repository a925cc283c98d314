"""Who may write: the bearer token of this start, and JSON Web Tokens where the environment names their key."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import read_file
from calotype.ground.light_dataclass import dataclass

TOKEN, JWT_KEY, JWT_PUBLIC_KEY = "CALOTYPE_TOKEN", "CALOTYPE_JWT_KEY", "CALOTYPE_JWT_PUBLIC_KEY"
"""The environment variables: a token, a secret for HS256, the path of a PEM file for RS256."""
SHORTEST_TOKEN, SHORTEST_KEY = 16, 32
"""Characters of a token, and bytes of a secret (RFC 7518, section 3.2)."""
LONGEST_HEADER = 8192
"""Characters of an Authorization header that are looked at."""
_DOTS_OF_A_JWT = 2
_UNSIGNED = f"this JSON Web Token is not signed as {JWT_KEY} or {JWT_PUBLIC_KEY} asks for"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves that a request may write. `keys` are the keys of JWTs by their algorithm."""

    token: str
    keys: Mapping[str, str | bytes]
    made_here: bool
    """Whether the token was made at this start, and has to be told."""

    def __repr__(self) -> str:
        """What may be printed: no token and no key."""
        return f"Credentials({', '.join(['token', *self.keys])})"

    def refusal(self, authorization: str) -> str:
        """Why an Authorization header does not prove it; empty where it does."""
        scheme, _, word = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(authorization) > LONGEST_HEADER:
            return f"a write wants the token {self._source}"
        word = word.strip()
        if hmac.compare_digest(word.encode(), self.token.encode()):
            return ""
        faults = [_fault(word, key, algorithm) for algorithm, key in self.keys.items()]
        if "" in faults:
            return ""
        if word.count(".") == _DOTS_OF_A_JWT and faults:
            return next((fault for fault in faults if fault != _UNSIGNED), _UNSIGNED)
        return f"this is not the token {self._source}"

    @property
    def _source(self) -> str:
        return "that `calotype studio` prints" if self.made_here else f"that {TOKEN} held when the server was started"


def credentials(environment: Mapping[str, str]) -> Credentials:
    """Those that the environment names. Raises Problem where a key is too short, or cannot be read."""
    token = environment.get(TOKEN, "")
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise Problem(error("token", f"{TOKEN} is no token: {SHORTEST_TOKEN} or more letters, digits and signs",
                            hint="`openssl rand -hex 32` makes one; unset it, and each start makes its own"))
    keys: dict[str, str | bytes] = {}
    if secret := environment.get(JWT_KEY, ""):
        if len(secret.encode()) < SHORTEST_KEY:
            raise Problem(error("token", f"{JWT_KEY} has {len(secret.encode())} bytes; {SHORTEST_KEY} are the least",
                                hint="`openssl rand -hex 32` makes one"))
        keys["HS256"] = secret
    if path := environment.get(JWT_PUBLIC_KEY, ""):
        keys["RS256"] = _public_key(Path(path))
    return Credentials(token or secrets.token_urlsafe(24), keys, not token)


def _public_key(path: Path) -> bytes:
    refused = Problem(error("token", f"{JWT_PUBLIC_KEY} names `{path}`, which is no RSA public key that can be read",
                            hint="a PEM file, as `openssl rsa -pubout` writes it, of 2048 bits or more"))
    try:
        pem, _ = read_file(path, 1 << 16)
    except (OSError, Problem):
        raise refused from None
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise refused from None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise refused
    return pem


def _fault(word: str, key: str | bytes, algorithm: str) -> str:
    """Why `word` is no JWT that holds: one signed with `key`, that ends, and has not ended; empty where it is."""
    import jwt

    options: Any = {"require": ["exp"], "verify_aud": False}
    try:
        jwt.decode(word, key, algorithms=[algorithm], options=options)
    except jwt.exceptions.ExpiredSignatureError:
        return "this JSON Web Token has expired (`exp`)"
    except jwt.exceptions.ImmatureSignatureError:
        return "this JSON Web Token does not hold yet (`nbf`, `iat`)"
    except jwt.exceptions.MissingRequiredClaimError:
        return "this JSON Web Token does not say when it ends (`exp`)"
    except jwt.exceptions.PyJWTError:
        return _UNSIGNED
    return ""
