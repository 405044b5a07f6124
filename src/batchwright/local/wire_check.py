"""Reads a request by botocore's own model of AWS Batch, and refuses what the model does not allow."""

import functools
import json
from collections.abc import Sized
from typing import cast
from urllib.parse import parse_qs, unquote

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from batchwright.local.refusals import Refusal
from batchwright.local.state import Wire

_TAGS_PATH = "/v1/tags/"
_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
}
# AWS takes these in any case and answers in lower case, so that what was described can be sent again.
_CASELESS_ENUMS = frozenset({"RetryAction"})
# AWS takes these from every client; the model that came with the oldest boto3 admitted does not know them yet.
_NEWER_STRATEGIES = ("BEST_FIT_PROGRESSIVE_ORDERED", "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED")
_NEWER_WORDS = {"CRAllocationStrategy": _NEWER_STRATEGIES, "CRUpdateAllocationStrategy": _NEWER_STRATEGIES}


@functools.cache
def service_model() -> ServiceModel:
    """Return the model of AWS Batch in the installed botocore."""
    return ServiceModel(Loader().load_service_model("batch", "service-2"), "batch")


def read_request(method: str, target: str, body: bytes) -> tuple[str, Wire]:
    """Return the name of the operation asked for and its request, nulls left out.

    Args:
        method: The HTTP method.
        target: The path, with the query string where there is one.
        body: The JSON document, or nothing.

    Raises:
        Refusal: No such operation, or the request is not what the model describes.
    """
    path, _, query = target.partition("?")
    operation = _operation(method, path)
    request = _json_object(body)
    if path.startswith(_TAGS_PATH):
        request["resourceArn"] = unquote(path.removeprefix(_TAGS_PATH))
    if "tagKeys" in (parameters := parse_qs(query, keep_blank_values=True)):
        request["tagKeys"] = parameters["tagKeys"]
    shape = operation.input_shape
    return operation.name, cast(Wire, _read(shape, request, "")) if shape else {}


@functools.cache
def _routes() -> dict[tuple[str, str], str]:
    model = service_model()
    http = {name: model.operation_model(name).http for name in model.operation_names}
    return {(str(rule["method"]), str(rule["requestUri"])): name for name, rule in http.items()}


def _operation(method: str, path: str) -> OperationModel:
    uri = f"{_TAGS_PATH}{{resourceArn}}" if path.startswith(_TAGS_PATH) else path
    name = _routes().get((method, uri))
    if name is None:
        raise Refusal(f"Unable to determine the operation of {method} {path}.", http_status=404)
    return service_model().operation_model(name)


def _json_object(body: bytes) -> Wire:
    try:
        value: object = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise Refusal(f"The request's body is not JSON: {error}.", code="SerializationException") from None
    if not isinstance(value, dict):
        raise Refusal("The request's body is not a JSON object.", code="SerializationException")
    return cast(Wire, value)


def _read(shape: Shape, value: object, path: str) -> object:
    kinds = _TYPES.get(shape.type_name, ())
    if not isinstance(value, kinds) or (isinstance(value, bool) and shape.type_name != "boolean"):
        raise Refusal(f"{path or 'The request'} must be of type {shape.type_name}.")
    _check_limits(shape, value, path)
    if isinstance(shape, StructureShape):
        return _read_structure(shape, cast(Wire, value), path)
    if isinstance(shape, ListShape):
        items = cast(list[object], value)
        return [_read(shape.member, item, f"{path}[{index}]") for index, item in enumerate(items)]
    if isinstance(shape, MapShape):
        entries = cast(Wire, value).items()
        member = shape.value
        return {_read(shape.key, key, f"{path} key"): _read(member, item, f"{path}.{key}") for key, item in entries}
    return value


def _read_structure(shape: StructureShape, value: Wire, path: str) -> Wire:
    prefix = f"{path}." if path else ""
    given = {name: item for name, item in value.items() if item is not None}
    for name in given:
        if name not in shape.members:
            raise Refusal(f"{prefix}{name} is not a member of {shape.name}.")
    for name in shape.required_members:
        if name not in given:
            raise Refusal(f"{prefix}{name} is required.")
    return {name: _read(shape.members[name], item, f"{prefix}{name}") for name, item in given.items()}


def _check_limits(shape: Shape, value: object, path: str) -> None:
    known: list[str] = shape.metadata.get("enum", [])
    allowed = [*known, *(word for word in _NEWER_WORDS.get(shape.name, ()) if word not in known)]
    if known and value not in allowed and not _is_caseless_match(shape, str(value), allowed):
        raise Refusal(f"{path} must be one of {', '.join(allowed)}, not {value!r}.")
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    size = value if isinstance(value, int | float) else len(cast(Sized, value))
    noun = path if isinstance(value, int | float) else f"length of {path}"
    if least is not None and size < least:
        raise Refusal(f"The {noun} must be at least {least}.")
    if most is not None and size > most:
        raise Refusal(f"The {noun} must be at most {most}.")


def _is_caseless_match(shape: Shape, value: str, allowed: list[str]) -> bool:
    return shape.name in _CASELESS_ENUMS and value.upper() in allowed
