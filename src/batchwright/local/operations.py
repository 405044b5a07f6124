"""The operations of the services that are served: their names, and which of them a request calls."""

import functools
import re
from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase

from botocore.loaders import Loader
from botocore.model import ServiceModel

from batchwright.errors import DeclarationError
from batchwright.local.messages import Call

_CLIENTS = {"elasticfilesystem": "efs", "states": "stepfunctions", "tagging": "resourcegroupstaggingapi"}
"""boto3's names of the services that sign by another."""

SERVICES = frozenset(
    {
        "batch",
        "dynamodb",
        "ec2",
        "efs",
        "events",
        "iam",
        "logs",
        "resourcegroupstaggingapi",
        "secretsmanager",
        "sqs",
        "ssm",
        "stepfunctions",
        "sts",
    }
)
"""boto3's names of the services that are served."""

_VERBS = ("Create", "Delete", "Describe", "Update")
# Of the newest boto3; a rule that names them is legal, and idle, under the oldest one admitted.
_NEWER = {"batch": ("CancelJobs", "TerminateJobs", *(f"{verb}ConsumableResource" for verb in _VERBS))}


@functools.cache
def _names(service: str) -> frozenset[str]:
    return frozenset((*_model(service).operation_names, *_NEWER.get(service, ())))


@functools.cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def service_of(call: Call) -> str:
    """Return boto3's name of the service that a call is for."""
    return _CLIENTS.get(call.service, call.service)


def operation_of(call: Call) -> str:
    """Return which operation a call is, such as `batch:SubmitJob`; with no name behind the colon where it is none."""
    service = service_of(call)
    target = call.header("x-amz-target")
    if target:
        name = target.rpartition(".")[2]
    elif service in {"batch", "efs"}:
        name = _routed(service, call.method, call.path)
    else:
        name = call.form().get("Action", "")
    return f"{service}:{name}"


def _routed(service: str, method: str, path: str) -> str:
    for (wanted, pattern), name in _routes(service).items():
        if method == wanted and pattern.fullmatch(path):
            return name
    return ""


@functools.cache
def _routes(service: str) -> Mapping[tuple[str, re.Pattern[str]], str]:
    model = _model(service)
    rules = {name: model.operation_model(name).http for name in model.operation_names}
    return {(str(rule["method"]), _pattern(str(rule["requestUri"]))): name for name, rule in rules.items()}


def _pattern(uri: str) -> re.Pattern[str]:
    """A parameter is one segment, or all the rest where the model says so by a plus."""
    parts = re.split(r"(\{[^}]+\})", uri.partition("?")[0].rstrip("/"))
    written = (re.escape(part) if part[:1] != "{" else ".+" if part.endswith("+}") else "[^/]+" for part in parts)
    return re.compile("".join(written) + "/?")


def known_pattern(pattern: str) -> str:
    """Return a pattern of operations by boto3's names.

    Args:
        pattern: `service:Operation`, either half as `fnmatch` reads it, or `*` for every call.

    Raises:
        DeclarationError: It can fit no operation; the message names the nearest ones.
    """
    if pattern == "*":
        return pattern
    service, colon, operation = pattern.partition(":")
    service = _CLIENTS.get(service, service)
    services = [name for name in sorted(SERVICES) if fnmatchcase(name, service)]
    if not colon:
        raise _refused(pattern, "service:Operation, such as batch:SubmitJob", _near_anywhere(pattern))
    if not services:
        raise _refused(pattern, f"of a service that is served: {', '.join(sorted(SERVICES))}", [])
    if not any(fnmatchcase(name, operation) for each in services for name in _names(each)):
        near = get_close_matches(operation, _names(services[0]), n=3)
        raise _refused(pattern, f"an operation of {services[0]}", [f"{services[0]}:{name}" for name in near])
    return f"{service}:{operation}"


def _near_anywhere(operation: str) -> list[str]:
    for service in ("batch", *sorted(SERVICES - {"batch", "ec2"})):
        if near := get_close_matches(operation, _names(service), n=3, cutoff=0.8):
            return [f"{service}:{name}" for name in near]
    return []


def _refused(pattern: str, legal: str, near: list[str]) -> DeclarationError:
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return DeclarationError("fault", "operation", pattern, f"it is {legal}{meant}")
