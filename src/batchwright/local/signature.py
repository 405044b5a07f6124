"""Signature Version 4 by AWS's published algorithm: made for the session's own calls, and checked on every request.

The canonical form is computed from what arrived on the wire, so that nothing of a request can be changed after it
was signed.
"""

import hashlib
import hmac
import re
import secrets
import time
from calendar import timegm
from urllib.parse import quote

import attrs

from batchwright.local.messages import Call

ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    ALGORITHM + r"\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})\s*\Z"
)
_TIMESTAMP = "%Y%m%dT%H%M%SZ"


@attrs.frozen(kw_only=True)
class KeyPair:
    """The one key pair that a local session accepts; the secret is never shown."""

    access_key_id: str
    secret_access_key: str = attrs.field(repr=False)

    @classmethod
    def random(cls) -> "KeyPair":
        """Return a new pair that looks like AWS's."""
        return cls(access_key_id="AKIA" + secrets.token_hex(8).upper(), secret_access_key=secrets.token_urlsafe(30))


@attrs.frozen(kw_only=True)
class SignaturePolicy:
    """How far a signature's time may lie from the server's.

    Args:
        window_s: Seconds, for every call but the following.
        submission_window_s: Seconds, for Batch's SubmitJob.
    """

    window_s: float = 300.0
    submission_window_s: float = 900.0

    def window_of(self, call: Call) -> float:
        """Return the seconds that this call's signature may be old."""
        is_submission = call.service == "batch" and call.path.lower() == "/v1/submitjob"
        return self.submission_window_s if is_submission else self.window_s


class SignatureRefused(Exception):
    """A request that is not signed as it should be; `code` is AWS's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@attrs.frozen(kw_only=True)
class Scope:
    """What a signature is good for: one day, region and service."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        """Return the scope as the algorithm writes it."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@attrs.frozen(kw_only=True)
class _Claimed:
    access_key_id: str
    scope: Scope
    signed_headers: tuple[str, ...]
    signature: str


def sign(call: Call, keys: KeyPair, *, at: float) -> dict[str, str]:
    """Return the headers that sign `call` for its service and region.

    Args:
        call: A request with `service`, `region` and its `host` header filled in.
        keys: The key pair to sign with.
        at: The signature's time, in epoch seconds.
    """
    timestamp = _written(at)
    payload = hashlib.sha256(call.body).hexdigest()
    added = {"x-amz-date": timestamp, "x-amz-content-sha256": payload}
    signed = attrs.evolve(call, headers={**call.headers, **added})
    names = tuple(sorted(name for name in signed.headers if _is_signable(name)))
    scope = Scope(date=timestamp[:8], region=call.region, service=call.service)
    signature = _signature(signed, names, scope, timestamp, keys)
    credential = f"Credential={keys.access_key_id}/{scope}"
    added["authorization"] = f"{ALGORITHM} {credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return added


def verify(call: Call, keys: KeyPair, *, now: float, policy: SignaturePolicy) -> Call:
    """Return `call` with the service and region that its signature is good for.

    Raises:
        SignatureRefused: It is unsigned, not signed with `keys`, altered since, or signed at another time.
    """
    claimed = _claimed(call)
    if not hmac.compare_digest(claimed.access_key_id.encode(), keys.access_key_id.encode()):
        raise SignatureRefused("UnrecognizedClientException", "The security token included in the request is invalid.")
    _require_covered(call, claimed)
    timestamp = call.header("x-amz-date")
    expected = _signature(call, claimed.signed_headers, claimed.scope, timestamp, keys)
    if not hmac.compare_digest(expected, claimed.signature):
        raise SignatureRefused(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
        )
    if timestamp[:8] != claimed.scope.date:
        raise SignatureRefused("InvalidSignatureException", "Date in Credential scope does not match X-Amz-Date.")
    known = attrs.evolve(call, service=claimed.scope.service, region=claimed.scope.region)
    require_timely(known, now=now, policy=policy)
    return known


def _claimed(call: Call) -> _Claimed:
    match = _AUTHORIZATION.match(call.header("authorization"))
    if match is None:
        raise SignatureRefused("MissingAuthenticationTokenException", "Missing Authentication Token")
    parts = match[1].split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise SignatureRefused("IncompleteSignatureException", "Credential must have exactly 5 slash-delimited parts.")
    scope = Scope(date=parts[1], region=parts[2], service=parts[3])
    return _Claimed(access_key_id=parts[0], scope=scope, signed_headers=tuple(match[2].split(";")), signature=match[3])


def _require_covered(call: Call, claimed: _Claimed) -> None:
    """The host, the time and every X-Amz header that says what to do must be under the signature."""
    needed = {
        "host",
        "x-amz-date",
        *(name for name in ("x-amz-target", "x-amz-content-sha256") if name in call.headers),
    }
    missing = sorted(needed - set(claimed.signed_headers)) or sorted(needed - set(call.headers))
    if missing:
        raise SignatureRefused(
            "IncompleteSignatureException", f"Authorization header requires these headers signed: {', '.join(missing)}"
        )
    stated = call.header("x-amz-content-sha256")
    if stated and not hmac.compare_digest(stated.encode(), hashlib.sha256(call.body).hexdigest().encode()):
        raise SignatureRefused(
            "InvalidSignatureException", "The payload must be signed: X-Amz-Content-SHA256 is not the body's hash."
        )


def require_timely(call: Call, *, now: float, policy: SignaturePolicy) -> None:
    """Look at a verified call's time only: it may have been on its way for longer than it was then.

    Raises:
        SignatureRefused: It was signed too long ago, or lies ahead.
    """
    timestamp, window_s = call.header("x-amz-date"), policy.window_of(call)
    try:
        signed_at = timegm(time.strptime(timestamp, _TIMESTAMP))
    except ValueError:
        raise SignatureRefused(
            "IncompleteSignatureException", "Date must be in ISO-8601 'basic format', such as 20260101T000000Z."
        ) from None
    if signed_at < now - window_s:
        raise SignatureRefused("InvalidSignatureException", expired(timestamp, now=now, window_s=window_s))
    if signed_at > now + window_s:
        limit = f"{_written(now + window_s)} ({_written(now)} + {window_s / 60:g} min.)"
        message = f"Signature not yet current: {timestamp} is still later than {limit}"
        raise SignatureRefused("InvalidSignatureException", message)


def expired(timestamp: str, *, now: float, window_s: float) -> str:
    """Return AWS's words for a signature made at `timestamp`, too long before `now`."""
    limit = f"{_written(now - window_s)} ({_written(now)} - {window_s / 60:g} min.)"
    return f"Signature expired: {timestamp} is now earlier than {limit}"


def _written(epoch_s: float) -> str:
    return time.strftime(_TIMESTAMP, time.gmtime(epoch_s))


def _signature(call: Call, names: tuple[str, ...], scope: Scope, timestamp: str, keys: KeyPair) -> str:
    canonical = "\n".join(
        (
            call.method.upper(),
            _canonical_path(call.path, scope.service),
            "&".join(f"{name}={value}" for name, value in sorted(_query_pairs(call.query))),
            *(f"{name}:{' '.join(call.header(name).split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(call.body).hexdigest(),
        )
    )
    text = "\n".join((ALGORITHM, timestamp, str(scope), hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{keys.secret_access_key}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _query_pairs(query: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(name, value) for name, _, value in pairs]


def _is_signable(name: str) -> bool:
    return name in {"host", "content-type"} or name.startswith("x-amz-")


def _canonical_path(path: str, service: str) -> str:
    """Every service but S3 resolves dots and doubled slashes and encodes the path once more."""
    if service == "s3":
        return path or "/"
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return quote("/" + "/".join(kept) + end, safe="/~")
