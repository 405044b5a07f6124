"""The one life cycle: look at AWS, take one step, look again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar, cast

from batchwright import converging, removing
from batchwright._wire import Description
from batchwright.declaration import Declaration, resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import NotFoundError
from batchwright.graph import in_order
from batchwright.names_there import nearest_there
from batchwright.outcome import Ensured, Resolved
from batchwright.ownership import namespace_in
from batchwright.translation import is_missing, says, translated
from batchwright.values import Action, OnDrift
from batchwright.waiting import Phase, States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from batchwright.findings import Diagnosis

D = TypeVar("D", bound=Description)
ALWAYS_READY: Final = States(ready=("ACTIVE",))
BUSY: Final = (
    "resource is being modified",
    "found existing jobqueue relationship",
    "operationaborted",
    "concurrentmodification",
    "dependencyviolation",
)


@resource(kw_only=True)
class Resource(Declaration, Generic[D]):
    """A declaration with verbs; a kind supplies data and hooks, and the loop is here.

    Subclass hooks, each one step: `_request`, `_read`, `_create`, `_update`, `_delete`, `_is_busy`, `_tag`, `_untag`.
    """

    states: ClassVar[States] = ALWAYS_READY
    drift_rules: ClassVar[DriftRules] = DriftRules()
    curable: ClassVar[tuple[str, ...]] = ()
    """Parts of AWS's reasons for a failure that pass with time, such as a role that has not spread yet."""
    _used_by: ClassVar[str] = "job"
    """The kind of those that keep it from being deleted, as the users of an `InUseError`."""

    # --- hooks ----------------------------------------------------------------------------------------------------

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        """The creation request, without tags; what it holds is what drift is judged by. None is the same as nothing."""
        raise NotImplementedError

    def _read(self, resolved: Resolved) -> D | None:
        """What AWS reports, or None when it is not there."""
        raise NotImplementedError

    def _create(self, request: Mapping[str, object]) -> None:
        """Ask AWS to make it; `request["tags"]` is a mapping of all tags."""
        raise NotImplementedError

    def _update(self, request: Mapping[str, object], drift: Drift, seen: D) -> None:
        """Bring AWS closer to `request`; `drift` holds what differs, tags left out."""
        raise NotImplementedError

    def _delete(self, seen: D) -> None:
        """Take one step towards its not being there: disable it, then delete it."""
        raise NotImplementedError

    def _cure(self, request: Mapping[str, object], seen: D) -> None:
        """Have AWS look again at something that failed for a reason that passes."""

    def _is_busy(self, error: ClientError) -> bool:
        """Whether AWS refuses only for now."""
        return says(error, *BUSY)

    def _actual(self, seen: D) -> Mapping[str, object]:
        """What is there, in the shape of the request."""
        return seen.raw

    def _rules_for(self, seen: D) -> DriftRules:
        """The drift rules for what is there; by default the kind's own."""
        return self.drift_rules

    def _tags_of(self, seen: D) -> Mapping[str, str]:
        """The tags that are there."""
        return cast("Mapping[str, str]", seen.raw.get("tags") or {})

    def _marks(self) -> Mapping[str, str]:
        """Tags of batchwright's own that this kind carries besides those that all carry."""
        return {}

    def _tag(self, seen: D, tags: Mapping[str, str]) -> None:
        """Set these tags."""
        raise NotImplementedError

    def _untag(self, seen: D, keys: Collection[str]) -> None:
        """Remove the tags of these keys."""
        raise NotImplementedError

    def _check_delete(self, seen: D | None, *, force: bool) -> None:
        """Raise if it must not be deleted now."""

    @property
    def _known_as(self) -> str:
        """Its name among the users of an `InUseError`."""
        return self.name

    # --- verbs ----------------------------------------------------------------------------------------------------

    def ensure(self, *, on_drift: OnDrift | None = None) -> Ensured[D]:
        """Make AWS match this declaration and all it depends on, and wait until it can be used.

        The same call again continues what a crash or a time-out cut short.

        Args:
            on_drift: What to do with differences. By default what this namespace made is updated, and what it
                only found is used as it is, its differences reported in the result.

        Raises:
            ReplacementRequiredError: A field differs that AWS cannot change.
            ResourceFailedError: AWS reports a failed state; with its reason.
            WaitTimeoutError: `patience` is over; nothing is lost.
            NotConvergedError: AWS took an update and still reports the same difference.
        """
        resolved = Resolved()
        for dependency in in_order([cast("Declaration", self)], lambda resource: resource.dependencies()):
            if dependency != self:
                as_resource(dependency).converge(resolved)
        return self.converge(resolved, on_drift=on_drift)

    def converge(self, resolved: Resolved, *, on_drift: OnDrift | None = None) -> Ensured[D]:
        """`ensure()` for this one alone; its dependencies are in `resolved`, and so is it afterwards."""
        with self.translated():
            ensured = converging.converge(self, resolved, on_drift)
        resolved.put(self, ensured.description)
        return ensured

    def read(self, resolved: Resolved) -> D:
        """`describe()` with what is known of the dependencies."""
        with self.translated():
            seen = self._read(resolved)
        if seen is None or self.states.phase(seen.status) is Phase.ABSENT:
            self.session.sightings.forget(self)
            raise NotFoundError(f"{self.label} does not exist in {self.session.region}.", resource=self)
        self._see(seen)
        return seen

    def describe(self) -> D:
        """What AWS reports now.

        Raises:
            NotFoundError: It does not exist; the error names what comes nearest, where Batch lists such things.
        """
        try:
            return self.read(Resolved())
        except NotFoundError as error:
            near = nearest_there(self.session, self.kind, self.name) if error.resource is self else ""
            if not near:
                raise
            raise NotFoundError(error.summary, resource=self, hint=f"{near} {error.hint}") from None

    def exists(self) -> bool:
        """Whether AWS knows it, in any state."""
        try:
            self.read(Resolved())
        except NotFoundError:
            return False
        return True

    def drift(self) -> Drift:
        """How AWS differs from this declaration; nothing is written.

        Raises:
            NotFoundError: It, or something it depends on, does not exist.
        """
        resolved = Resolved()
        with self.translated():
            return converging.drift_of(self, self.read(resolved), resolved)

    def diagnose(self) -> Diagnosis:
        """Why it does not do what it should: findings in order, from facts that AWS tells; nothing is written."""
        return self.session.diagnose(self)

    def plan(self, resolved: Resolved) -> tuple[Action, Drift]:
        """What `ensure()` would do; nothing is written.

        Args:
            resolved: What is known of the dependencies.
        """
        try:
            seen = self.read(resolved)
        except NotFoundError:
            return Action.CREATED, Drift()
        resolved.put(self, seen)
        with self.translated():
            try:
                drift = converging.drift_of(self, seen, resolved)
            except NotFoundError:
                # It is to point to something that is still to be made; what is not ours is left all the same.
                return (Action.UPDATED if self.owned(seen) else Action.UNCHANGED), Drift()
        if not drift or not self.owned(seen):
            return Action.UNCHANGED, drift
        return Action.REPLACED if drift.replacing else Action.UPDATED, drift

    def delete(self, *, force: bool = False) -> None:
        """Take it away and wait until it is gone; that it is not there is fine.

        Args:
            force: Delete it even if this namespace did not make it, or if it is still in use, as far as AWS lets.

        Raises:
            NotOwnedError: It is not ours.
            InUseError: Something needs it, and `force` is false; or AWS deletes it in no case while that is there.
            RetainedError: It holds data and says `retain=True`.
            WaitTimeoutError: `patience` is over; the same call continues.
        """
        self.check_delete(force=force)
        self.remove()

    def check_delete(self, *, force: bool = False) -> None:
        """The checks of `delete()`, without deleting anything."""
        with self.translated():
            removing.check(self, force=force)

    def remove(self) -> Action:
        """`delete()` without its checks; DELETED, or ABSENT when there was nothing to do."""
        with self.translated():
            action = removing.remove(self)
        self.session.sightings.forget(self)
        return action

    # --- for the loop and the session -----------------------------------------------------------------------------

    def owned(self, seen: D) -> bool:
        """Whether this session's namespace made what `seen` describes."""
        return namespace_in(self._tags_of(seen)) == self.session.namespace

    def translated(self) -> AbstractContextManager[None]:
        """A block in which botocore's errors become ours and carry this resource."""
        return translated(self.label, self.session.region, self)

    def _see(self, seen: D) -> None:
        """Remember, for showing it, what was just read."""
        self.session.sightings.see(self, seen)

    def _gone(self, error: ClientError) -> bool:
        """Whether a refusal means that it is not there."""
        return is_missing(error)


def as_resource(declaration: Declaration) -> Resource[Description]:
    """`declaration` as what every declaration of a graph is."""
    if not isinstance(declaration, Resource):
        raise TypeError(f"{declaration.reference()} is no resource")
    return cast("Resource[Description]", declaration)
