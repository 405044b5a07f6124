"""Factories: a resource's class bound to a session, with the class's own signature."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

import attrs

from batchwright.connection import Connection
from batchwright.declaration import SESSION_DEFAULT

if TYPE_CHECKING:
    from typing import Self

P = ParamSpec("P")
T = TypeVar("T")


class bound(Generic[P, T]):  # used like a decorator
    """Make a class a factory of a session: `job_queue = bound(UrgentQueue)` in a subclass of `BatchSession`.

    The factory takes the class's fields, without the session. Fields that the class leaves to the session
    and the caller does not give are filled from `session.defaults`.
    """

    def __init__(self, cls: Callable[Concatenate[Any, P], T]) -> None:
        self._cls = cls
        self.__doc__ = cls.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Connection, owner: type) -> Callable[P, T]: ...
    def __get__(self, instance: Connection | None, owner: type) -> Self | Callable[P, T]:
        if instance is None:
            return self
        session, cls = instance, self._cls

        def make(*args: P.args, **kwargs: P.kwargs) -> T:
            given = cast("dict[str, Any]", kwargs)
            return cast("Callable[..., T]", cls)(session, *args, **{**_defaults(session, cls, given), **given})

        make.__name__ = make.__qualname__ = self._name
        make.__doc__ = cls.__doc__
        cast("Any", make).__signature__ = signature_of(cls)
        return make


@functools.cache  # a loop over thousands of jobs asks for it each time
def signature_of(cls: Callable[..., object]) -> inspect.Signature:
    """The signature of a resource's class without the session, returning the class."""
    signature = inspect.signature(cls)
    common = ("tags", "patience")  # what every kind has comes after what is its own
    names = sorted(signature.parameters, key=lambda name: (name != "name", name in common))
    fields = [signature.parameters[name] for name in names if name != "session"]
    parameters = [parameter.replace(default=_readable(parameter.default)) for parameter in fields]
    return signature.replace(parameters=parameters, return_annotation=cls)


class _Default:
    """A default that a factory makes anew each time, printed as `...`."""

    def __repr__(self) -> str:
        return "..."


# attrs types Factory as a function, and it is a class.
_MADE_ANEW: tuple[type, ...] = (type(attrs.NOTHING), cast("type", attrs.Factory))


def _readable(default: object) -> object:
    return _Default() if default is attrs.NOTHING else default


def _defaults(session: Connection, cls: Callable[..., object], given: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    unsaid, left_to_session = _fields(cls)
    said = {**unsaid, **given}
    for name, default in left_to_session.items():
        if name not in given:
            value = cast("Any", session).defaults.fill(default, said)
            if value is not None:
                found[name] = value
    return found


@functools.cache
def _fields(cls: Callable[..., object]) -> tuple[dict[str, object], dict[str, str]]:
    """What fields are where nothing is given, and what the session fills them from."""
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", cls))
    defaults = {
        field.name: str(field.metadata[SESSION_DEFAULT]) for field in fields if SESSION_DEFAULT in field.metadata
    }
    return {field.name: field.default for field in fields if not isinstance(field.default, _MADE_ANEW)}, defaults
