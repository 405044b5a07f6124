"""The one place where an error of botocore becomes one of ours, and where AWS's words are read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final

from batchwright.errors import (
    AccessDeniedError,
    AwsError,
    BatchwrightError,
    ClockSkewError,
    ConfigurationError,
    DeclarationError,
    NoCredentialsError,
    NoRegionError,
    ThrottledError,
    UnreachableError,
)

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
    from botocore.model import OperationModel

THROTTLED: Final = frozenset(
    {
        "TooManyRequestsException",
        "TooManyRequests",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
    }
)
DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException", "AuthorizationError"}
)
BAD_CREDENTIALS: Final = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
WRONG_TIME: Final = ("signature expired", "signature not yet current", "requestexpired", "requesttimetooskewed")
_SERVICE: Final = "BatchwrightService"
MISSING: Final = ("notfound", "nosuchentity", "resourcenotfound")


def code_of(error: ClientError) -> str:
    """AWS's error code, or an empty string."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """AWS's own words."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def says(error: ClientError, *parts: str) -> bool:
    """Whether the code or the message holds one of `parts`, in any case: Batch has no codes worth the name."""
    text = f"{code_of(error)} {message_of(error)}".lower()
    return any(part.lower() in text for part in parts)


def already_exists(error: ClientError) -> bool:
    """Whether a creation came second."""
    return says(error, "already exist", "entityalreadyexists", "invalidgroup.duplicate", "invalidpermission.duplicate")


def is_missing(error: ClientError) -> bool:
    """Whether what was asked for is not there."""
    code = code_of(error).replace(".", "").lower()
    return code.startswith(MISSING) or any(part in code for part in MISSING) or says(error, "does not exist")


def is_throttled(error: ClientError) -> bool:
    """Whether AWS asks for patience."""
    return code_of(error) in THROTTLED


def is_signed_at_wrong_time(error: ClientError) -> bool:
    """Whether AWS refused a signature as too old or too new by its own clock, so that it certainly did nothing."""
    return says(error, *WRONG_TIME)


def is_denied(error: ClientError) -> bool:
    """Whether the caller's identity may not do this."""
    return code_of(error) in DENIED


@contextlib.contextmanager
def translated(subject: str, region: str | None, resource: object = None) -> Generator[None]:
    """Turn every error of botocore in the block into one of ours.

    Args:
        subject: What the block works on, for example `"job queue 'lab'"`.
        region: The region, for the message.
        resource: The resource, for the error's `resource`.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        yield
    except BatchwrightError:
        raise
    except ClientError as error:
        raise from_client_error(error, subject, region, resource) from error
    except ParamValidationError as error:
        # Its text repeats the offending value, which may be a secret: only the paths are kept. Whoever walks the
        # contexts of an error, as some reporters do, meets it all the same, so it loses its text.
        refused = _refused_locally(error, subject)
        error.args, error.kwargs = (refused.summary,), {"report": refused.summary}
        raise refused from None
    except BotoCoreError as error:
        raise _from_botocore(error, subject, region, resource) from error


def _from_botocore(error: BotoCoreError, subject: str, region: str | None, resource: object) -> BatchwrightError:
    """The error of ours for what went wrong on this side of the network, or on it."""
    from botocore import exceptions

    lacks_credentials = (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.TokenRetrievalError,
        exceptions.NoAuthTokenError,
        exceptions.ProfileNotFound,
        exceptions.SSOError,
    )
    is_misconfigured = (
        exceptions.ConfigNotFound,
        exceptions.ConfigParseError,
        exceptions.InvalidConfigError,
        exceptions.InvalidRegionError,
    )
    if isinstance(error, exceptions.NoRegionError):
        return NoRegionError(f"{subject}: no AWS region is configured.", resource=resource)
    if isinstance(error, lacks_credentials):
        return NoCredentialsError(f"{subject}: no AWS credentials were found ({error}).", resource=resource)
    if isinstance(error, is_misconfigured):
        return ConfigurationError(f"{subject}: {error}", resource=resource)
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return UnreachableError(f"{subject} in {region}: {error}", resource=resource)
    return AwsError(f"{subject} in {region}: {error}", resource=resource)


def from_client_error(
    error: ClientError, subject: str, region: str | None, resource: object = None
) -> BatchwrightError:
    """The error of ours that says what `error` says."""
    code, reason, operation = code_of(error), message_of(error).rstrip("."), error.operation_name
    message = f"{subject} in {region}: AWS refused {operation}: {reason} ({code})."
    if is_denied(error):
        return AccessDeniedError(
            message, action=_denied_action(error), code=code, operation=operation, resource=resource
        )
    if is_signed_at_wrong_time(error):
        return ClockSkewError(message, resource=resource)
    if code in BAD_CREDENTIALS:
        return NoCredentialsError(message, resource=resource)
    if is_throttled(error):
        return ThrottledError(message, code=code, operation=operation, resource=resource)
    return AwsError(message, code=code, operation=operation, resource=resource)


def _denied_action(error: ClientError) -> str:
    named = re.search(r"not authorized to perform:?\s+([a-z0-9-]+:\w+)", message_of(error))
    if named:
        return named[1]
    # EC2 is the one that often does not say, and the only one with this code.
    known = "ec2" if code_of(error) == "UnauthorizedOperation" else ""
    service = error.response.get("ResponseMetadata", {}).get(_SERVICE, known)
    return f"{service}:{error.operation_name}" if service else error.operation_name


def say_service(parsed: dict[str, Any], model: OperationModel, **_: object) -> None:
    """Have botocore's errors say which service refused, by the name that its actions have in IAM."""
    if "Error" in parsed:
        parsed.setdefault("ResponseMetadata", {})[_SERVICE] = model.service_model.signing_name


_FAULT: Final = re.compile(
    r"^(?P<what>Missing required parameter|Unknown parameter) in (?P<where>[\w.\[\]]+): \"(?P<name>[\w.:-]+)\""
    r"|^(?P<kind>Invalid \w+) for parameter (?P<path>[\w.\[\]]+)",
    re.MULTILINE,
)


def _refused_locally(error: ParamValidationError, subject: str) -> DeclarationError:
    found = list(_FAULT.finditer(str(error)))
    paths = {match["path"] or f"{match['where']}.{match['name']}".removeprefix("input.") for match in found}
    kinds = {(match["what"] or match["kind"]).lower() for match in found}
    return DeclarationError(
        subject, ", ".join(sorted(paths)) or "request", "(not shown)", "; ".join(sorted(kinds)) or "refused by botocore"
    )
