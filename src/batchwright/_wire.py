"""The one place where an answer of AWS becomes a frozen description."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, cast

import attrs
from cattrs import ClassValidationError, Converter, transform_error
from cattrs.gen import make_dict_structure_fn, override

from batchwright._display import Displayed, View, quiet
from batchwright.errors import AwsError
from batchwright.showing import described


def camel(name: str) -> str:
    """`status_reason` → `statusReason`, as Batch, Logs and EFS's errors write it."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def pascal(name: str) -> str:
    """`life_cycle_state` → `LifeCycleState`, as EFS, IAM, EC2 and DynamoDB write it."""
    return "".join(word.capitalize() for word in name.split("_"))


@attrs.frozen(kw_only=True)
class Description(Displayed):
    """What AWS reports of one thing, at one moment.

    Attributes:
        status: The status in AWS's own word; kinds without one are `"ACTIVE"` as soon as they exist.
        status_reason: AWS's reason for the status, or an empty string.
        raw: The whole answer, for what has no field here.
        read_at: When it was read, in seconds since the epoch by the session's clock.
    """

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(camel)
    _live: ClassVar[tuple[str, ...]] = ()
    """Fields that are shown beside a declaration too, since only AWS knows them."""

    status: str = "ACTIVE"
    status_reason: str = ""
    raw: Mapping[str, object] = attrs.field(factory=dict[str, object], metadata=quiet(), eq=False, hash=False)
    read_at: float = attrs.field(default=0.0, metadata=quiet(), eq=False)

    def _view(self) -> View:
        return described(self)


D = TypeVar("D", bound=Description)


def _structure_function(cls: type[Description]) -> Callable[[Mapping[str, object], object], Description]:
    renames = {
        field.name: override(omit=True) if field.name in ("raw", "read_at") else override(rename=_wire_name(cls, field))
        for field in attrs.fields(cls)
    }
    make = cast("Callable[..., Callable[[Mapping[str, object], object], Description]]", make_dict_structure_fn)
    return make(cls, _CONVERTER, **renames)


def _wire_name(cls: type[Description], field: attrs.Attribute[object]) -> str:
    name: object = field.metadata.get("wire")
    return name if isinstance(name, str) else cls.wire_case(field.name.rstrip("_"))


def wire(name: str) -> dict[str, object]:
    """Metadata for `attrs.field`: the member's name in the answer, where the case rule does not give it."""
    return {"wire": name}


def structure(cls: type[D], answer: Mapping[str, object], *, read_at: float = 0.0, **extra: object) -> D:
    """The description that `answer` holds; unknown members are kept in `raw` only.

    Args:
        cls: The class of the description.
        answer: One entry of an answer of AWS, as boto3 gives it.
        read_at: When it was read, in seconds since the epoch.
        extra: Fields that another call gave, by their Python names.

    Raises:
        AwsError: A required member is missing or has another type; it names the path.
    """
    try:
        description = _CONVERTER.structure(answer, cls)
    except ClassValidationError as error:
        raise AwsError(f"AWS's answer does not fit {cls.__name__}: {'; '.join(transform_error(error))}") from None
    return cast("D", cast("Any", attrs.evolve)(description, raw=answer, read_at=read_at, **extra))


def _moment(value: object, _: object) -> dt.datetime:
    """Timestamps come as datetimes, or as milliseconds since the epoch from Batch and Logs."""
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, int | float):
        return dt.datetime.fromtimestamp(value / 1000, dt.UTC)
    raise TypeError(f"{type(value).__name__} is no moment")


def _make_converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook(dt.datetime, _moment)
    converter.register_structure_hook_func(lambda cls: cls is object, lambda value, _: value)
    converter.register_structure_hook_factory(
        lambda cls: isinstance(cls, type) and issubclass(cls, Description), _structure_function
    )
    return converter


_CONVERTER = _make_converter()
