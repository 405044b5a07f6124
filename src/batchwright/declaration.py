"""A wish: a frozen object bound to a session, known by its kind and name, that holds the wishes it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, SupportsIndex, cast

import attrs

from batchwright._display import Displayed, View, quiet, told
from batchwright._display.fields import Reference
from batchwright.connection import Connection
from batchwright.errors import DeclarationError
from batchwright.graph import PLAIN, held
from batchwright.showing import declared
from batchwright.values import check_tags, mapping, tags_legal
from batchwright.waiting import Patience

if TYPE_CHECKING:
    # The type checkers know attrs.frozen, converters included, and know it by its name only.
    from attrs import frozen as resource
else:
    _MADE: Final = "_batchwright_resource"

    def resource(cls: type | None = None, **options: bool) -> object:
        """Make a class a resource: frozen, keyword-only, known by kind, name and session.

        Put it on every subclass that adds a field, with `kw_only=True` for the type checkers.
        """
        unknown = set(options) - {"kw_only"}
        if unknown:
            raise TypeError(f"@resource takes kw_only only, not {', '.join(sorted(unknown))}")
        if cls is None:
            return resource
        made = attrs.frozen(cls, kw_only=True, eq=False, repr=False, slots=False)
        made._batchwright_resource = made
        return made


__all__ = ["REQUIRED", "SESSION_DEFAULT", "Declaration", "from_session", "plain", "resource"]
FLOOR: Final = 40
"""Resources in a row that pickling may recurse through."""
SESSION_DEFAULT: Final = "batchwright_session_default"
REQUIRED: Final = "batchwright_required"


_LANDINGS: Final = "_landings"


def landings_of(declaration: Declaration) -> Landings:
    """Its height in the graph, and the landings below it."""
    landings: Landings = getattr(declaration, _LANDINGS)
    return landings


@attrs.frozen(eq=False)
class Landings:
    """Where a walk down a tall graph can rest: the topmost resources of the next floor, each floor `FLOOR` high.

    Attributes:
        height: How many resources lie in a row below.
        nearest: The resources on lower floors that this one's floor stands on.
    """

    height: int
    nearest: tuple[Declaration, ...]

    @classmethod
    def of(cls, dependencies: tuple[Declaration, ...]) -> Landings:
        """Those of a resource with these dependencies."""
        height = 1 + max((landings_of(other).height for other in dependencies), default=-1)
        nearest: dict[int, Declaration] = {}
        for other in dependencies:
            below = landings_of(other)
            lower = below.height // FLOOR < height // FLOOR
            nearest.update((id(landing), landing) for landing in ((other,) if lower else below.nearest))
        return cls(height, tuple(nearest.values()))

    def below(self) -> list[Declaration]:
        """All landings below, the lowest first."""
        found: dict[int, Declaration] = {}
        stack = list(self.nearest)
        while stack:
            landing = stack.pop()
            if id(landing) not in found:
                found[id(landing)] = landing
                stack.extend(landings_of(landing).nearest)
        return sorted(found.values(), key=lambda landing: landings_of(landing).height)


def from_session(default: str, *, required: bool = False) -> dict[str, object]:
    """Metadata for `attrs.field`: a session's factory fills it from `session.defaults`, a class called by hand not.

    Args:
        default: The attribute of `session.defaults`.
        required: Whether the resource cannot do without.
    """
    return {SESSION_DEFAULT: default, REQUIRED: required}


@resource(kw_only=True)
class Declaration(Displayed):
    """The fields and the identity that all resources share; no property, comparison or repr of it calls AWS.

    Args:
        session: The session it belongs to.
        name: Its name in AWS.
        tags: Tags besides the session's and batchwright's own, 40 at most.
        patience: How long its verbs wait.
    """

    kind: ClassVar[str] = "resource"

    session: Connection = attrs.field(kw_only=False, metadata=quiet())
    name: str
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=mapping, validator=tags_legal, hash=False)
    patience: Patience = Patience()

    def __attrs_post_init__(self) -> None:
        self._check_decorated()
        self._check_required()
        check_tags(self, "tags", {**self.session.tags, **self.tags})
        dependencies = self.dependencies()
        object.__setattr__(self, _LANDINGS, Landings.of(dependencies))
        for other in dependencies:
            if other.session != self.session:
                raise DeclarationError(
                    f"{self.kind} {self.name!r}",
                    "session",
                    other.reference(),
                    f"a dependency of the same session {self.session!r}; that one belongs to {other.session!r}",
                )

    def _check_decorated(self) -> None:
        cls = type(self)
        if getattr(cls, "_batchwright_resource", None) is cls:
            return
        added = [name for name, kind in vars(cls).get("__annotations__", {}).items() if "ClassVar" not in str(kind)]
        if added:
            raise TypeError(
                f"{cls.__name__} adds the field(s) {', '.join(added)} but is not decorated: "
                "put @batchwright.resource(kw_only=True) above the class, or they are ignored."
            )

    def _check_required(self) -> None:
        for field in attrs.fields(type(self)):
            if field.metadata.get(REQUIRED) and getattr(self, field.name) in (None, ()):
                raise DeclarationError(
                    f"{self.kind} {self.name!r}",
                    field.name,
                    getattr(self, field.name),
                    f"named, or left to the session's factory, which fills in "
                    f"session.defaults.{field.metadata[SESSION_DEFAULT]}",
                )

    # --- identity -------------------------------------------------------------------------------------------------

    def _identity(self) -> tuple[object, ...]:
        """What makes two declarations speak of the same thing in AWS, besides the session."""
        return (self.kind, self.name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Declaration):
            return NotImplemented
        return self._identity() == other._identity() and self.session == other.session

    def __hash__(self) -> int:
        return hash((self._identity(), self.session))

    def reference(self) -> str:
        """One short name for messages and for the reprs of others, such as `<JobQueue 'lab'>`."""
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def label(self) -> str:
        """How messages name it, such as `job queue 'lab'`."""
        return f"{self.kind} {self.name!r}"

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[object, ...]:
        # Pickling and copying recurse from one resource to the next: a long chain is written from landing to landing.
        return (_restored, (type(self), *landings_of(self).below()), dict(self.__dict__))

    def _view(self) -> View:
        return declared(self.label, dict(self._told_fields()), self.session.sightings.last(self))

    # --- graph ----------------------------------------------------------------------------------------------------

    def dependencies(self) -> tuple[Declaration, ...]:
        """The resources held in its fields, at any depth, each once, in the order of the fields."""
        values = (getattr(self, field.name) for field in attrs.fields(type(self)) if field.name != "session")
        return held(values, Declaration)

    def to_dict(self) -> dict[str, object]:
        """Its fields as plain data; other resources as `{"kind", "name"}`, values that may be secret hidden."""
        return {field.name: plain(told(field, value), hide=True) for field, value in self._field_values()}

    def _field_values(self) -> Iterator[tuple[attrs.Attribute[Any], object]]:
        for field in attrs.fields(type(self)):
            if field.name != "session":
                yield field, getattr(self, field.name)


def _restored(cls: type[Declaration], *landings: Declaration) -> Declaration:
    """An empty instance; what it stands on is restored already."""
    del landings
    return cls.__new__(cls)


def plain(value: object, *, hide: bool = False) -> object:
    """`value` as plain data, other resources as `{"kind", "name"}`; with `hide`, secret fields of values are hidden."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Declaration):
        return {"kind": value.kind, "name": value.name}
    if isinstance(value, Mapping):
        return {key: plain(item, hide=hide) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, hide=hide) for item in cast("tuple[object, ...]", value)]
    if attrs.has(type(value)):
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        items = ((field, getattr(value, field.name)) for field in fields)
        return {field.name: plain(told(field, item) if hide else item, hide=hide) for field, item in items}
    return value.text if isinstance(value, Reference) else value
