"""The one loop behind every `ensure()`: look, take one step, look again; it remembers what it must not do twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

from batchwright._wire import Description
from batchwright.advice import advice_on, advice_text
from batchwright.drift import ABSENT, Drift, compare, leaves
from batchwright.errors import (
    DeclarationError,
    NotConvergedError,
    ReplacementRequiredError,
    ResourceFailedError,
    WaitTimeoutError,
)
from batchwright.outcome import Ensured, Resolved
from batchwright.ownership import NAMESPACE_TAG, OWNER_TAG, PREFIX, declared_in, declared_tags, tag_value
from batchwright.replacing import reason_for
from batchwright.translation import already_exists, from_client_error, is_throttled
from batchwright.values import Action, OnDrift
from batchwright.waiting import Phase

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from batchwright.lifecycle import Resource

D = TypeVar("D", bound=Description)
TAGS_MAX = 50
"""How many tags AWS takes."""

UNSEEN_S = 30.0
"""Seconds for which a creation that AWS took may not show yet before it is asked for again."""

CURABLE_S = 180.0
"""Seconds for which a failure that may pass, such as a role that has not spread, is given the chance to."""

SETTLE_S = 20.0
"""Seconds for which AWS may still show what was there before an update that it took."""


def wish(resource: Resource[D], resolved: Resolved) -> dict[str, object]:
    """The whole request: the kind's own without members that are None, and all tags but the owner's."""
    request = {member: value for member, value in resource._request(resolved).items() if value is not None}
    tags = {**resource.session.tags, **resource.tags}
    paths = leaves({**request, "tags": tags}, resource.drift_rules)
    own = {NAMESPACE_TAG: resource.session.namespace, **resource._marks(), **declared_tags(paths)}
    if len(tags) + len(own) + 2 > TAGS_MAX:  # the owner's comes with the creation, and a volume's Name
        legal = f"at most {TAGS_MAX} tags with batchwright's own, which name every tag and field: use fewer or shorter"
        raise DeclarationError(resource.label, "tags", f"{len(tags)} tags", legal)
    return {**request, "tags": {**tags, **own}}


def drift_of(resource: Resource[D], seen: D, resolved: Resolved, *, take_over: bool = False) -> Drift:
    """How `seen` differs from the declaration; of what is not ours only what the kind itself declares.

    Args:
        resource: The declaration.
        seen: What AWS reports.
        resolved: What it reports of the dependencies.
        take_over: Compare the user's tags too, although it is not ours.
    """
    return _compare(resource, wish(resource, resolved), seen, take_over=take_over)


def _compare(resource: Resource[D], wanted: Mapping[str, object], seen: D, *, take_over: bool = False) -> Drift:
    tags = dict(resource._tags_of(seen))
    actual = {**resource._actual(seen), "tags": tags}
    rules = resource._rules_for(seen)
    if resource.owned(seen):
        return compare(wanted, actual, rules, declared=(*declared_in(tags), *_stale(wanted, tags)))
    own = ("tags.batchwright:*",) if take_over else ("tags",)
    return compare(wanted, actual, rules).without(*own)


def _stale(wanted: Mapping[str, object], tags: Mapping[str, str]) -> tuple[str, ...]:
    """Batchwright's own tags that a shorter declaration leaves over."""
    wanted_tags = cast("Mapping[str, str]", wanted["tags"])
    return tuple(
        f"tags.{key}" for key in tags if key.startswith(PREFIX) and key != OWNER_TAG and key not in wanted_tags
    )


def converge(resource: Resource[D], resolved: Resolved, on_drift: OnDrift | None) -> Ensured[D]:
    """Make AWS match `resource`, whose dependencies are there already, and wait until it can be used."""
    return _Convergence(resource, wish(resource, resolved), resolved, on_drift).run()


@attrs.define
class _Convergence(Generic[D]):
    """One run of the loop."""

    resource: Resource[D]
    wanted: dict[str, object]
    resolved: Resolved
    on_drift: OnDrift | None
    created_at: float | None = None
    was_absent: bool = False
    corrected: Drift = attrs.field(factory=Drift)
    corrected_at: float = 0.0
    cured_at: float | None = None
    seen: D | None = None
    refusal: ClientError | None = None

    def run(self) -> Ensured[D]:
        """Step until nothing is left to do, at the resource's own pace."""
        from botocore.exceptions import ClientError

        for _ in self.resource.patience.pace(self.resource.session.clock):
            try:
                ensured = self.step()
            except ClientError as error:
                if not self.tolerates(error):
                    raise
                self.refusal = error
                continue
            self.refusal = None  # what AWS refused once and then did is no reason any more
            if ensured is not None:
                return ensured
        raise self.timed_out()

    @property
    def where(self) -> str:
        return f"{self.resource.label} in {self.resource.session.region}"

    def tolerates(self, error: ClientError) -> bool:
        """Whether looking again may help: it is busy, someone else was first, or AWS asks for patience."""
        return already_exists(error) or is_throttled(error) or self.resource._is_busy(error)

    def step(self) -> Ensured[D] | None:
        """Look once and do at most one thing; the result when there is nothing left to do."""
        self.seen = seen = self.resource._read(self.resolved)
        if seen is not None:
            self.resource._see(seen)  # also where this run ends with an error
        phase = self.resource.states.phase(seen.status if seen else None)
        if seen is None or phase is Phase.ABSENT:
            self.create()
            return None
        if phase is Phase.FAILED:
            return self.mend(seen)
        if phase is Phase.READY:
            return self.correct(seen)
        return None

    def create(self) -> None:
        """Ask for it, unless it was asked for so shortly ago that AWS may only not show it yet."""
        now = self.resource.session.clock.monotonic()
        if self.created_at is not None and now - self.created_at < UNSEEN_S:
            return  # AWS shows new things late: asking again could make a second one
        owner = {OWNER_TAG: tag_value(self.resource.session.caller)}
        tags = cast("Mapping[str, str]", self.wanted["tags"])
        self.resource._create({**self.wanted, "tags": {**tags, **owner}})
        self.created_at, self.was_absent = now, True

    def mend(self, seen: D) -> Ensured[D] | None:
        """A failed state: cured by an update where one is due, waited for where it passes, raised otherwise."""
        drift = self.due(seen)
        if drift and not self.corrected:
            return self.correct(seen)
        if self.may_pass(seen):
            if self.updates(seen):
                self.resource._cure(self.wanted, seen)
            return None
        raise ResourceFailedError(
            f"{self.where} is {seen.status}: {seen.status_reason or 'AWS gives no reason'}",
            description=seen,
            resource=self.resource,
            hint="diagnose() looks for what is behind it. Correct the declaration and call ensure() again, or "
            "delete() it and start anew.",
        )

    def may_pass(self, seen: D) -> bool:
        """Whether the failure is of the kind that passes with time, and not too much of it has gone by."""
        now = self.resource.session.clock.monotonic()
        self.cured_at = now if self.cured_at is None else self.cured_at
        passes = any(part.lower() in seen.status_reason.lower() for part in self.resource.curable)
        return passes and now - self.cured_at < CURABLE_S

    def updates(self, seen: D) -> bool:
        """Whether what is there may be written to."""
        return self.on_drift is OnDrift.UPDATE or (self.on_drift is None and self.resource.owned(seen))

    def due(self, seen: D) -> Drift:
        """The differences that this run is to bring into line."""
        update = self.updates(seen)
        return _compare(self.resource, self.wanted, seen, take_over=update) if update else Drift()

    def correct(self, seen: D) -> Ensured[D] | None:
        """Update what differs; the result when nothing does."""
        drift = self.due(seen)
        if not drift:
            return self.settled(seen)
        if replacing := drift.replacing:
            raise self.needs_replacement(replacing, seen)
        now = self.resource.session.clock.monotonic()
        if self.corrected == drift and now - self.corrected_at < SETTLE_S:
            return None
        if self.corrected == drift:
            raise NotConvergedError(
                f"{self.where}: AWS accepted an update and still reports {drift}.",
                drift=drift,
                resource=self.resource,
                hint="Declare the value that AWS reports, or report this as a bug of batchwright.",
            )
        self.send(drift, seen)
        self.corrected, self.corrected_at = drift, now  # only now: what was refused for a while has not been tried
        return None

    def send(self, drift: Drift, seen: D) -> None:
        """The kind's own update first and the tags last: they say what was declared, also after a crash in between."""
        fields, tags = drift.without("tags"), drift.under("tags")
        if fields:
            self.resource._update(self.wanted, fields, seen)
        values = {c.path.removeprefix("tags."): str(c.desired) for c in tags if c.desired is not ABSENT}
        removed = [c.path.removeprefix("tags.") for c in tags if c.desired is ABSENT]
        if values:
            self.resource._tag(seen, values)
        if removed:
            self.resource._untag(seen, removed)

    def settled(self, seen: D) -> Ensured[D]:
        """The result, of what this run did and of what it leaves."""
        owned = self.resource.owned(seen)
        action = (
            Action.CREATED
            if self.was_absent
            else Action.UPDATED
            if self.corrected or self.cured_at is not None
            else Action.UNCHANGED
        )
        corrected = self.corrected if action is Action.UPDATED else Drift()
        left = corrected or _compare(self.resource, self.wanted, seen)
        return Ensured(resource=self.resource, action=action, owned=owned, description=seen, drift=left)

    def needs_replacement(self, drift: Drift, seen: D) -> ReplacementRequiredError:
        """The error for what AWS cannot change, with the reason as far as AWS says it."""
        reason = reason_for(self.resource.kind, drift, self.resource._actual(seen))
        return ReplacementRequiredError(
            " ".join((f"{self.where}: AWS cannot change {drift} in place.", *reason.why)),
            drift=drift,
            resource=self.resource,
            hint=reason.way_out,
        )

    def timed_out(self) -> Exception:
        """The error for patience that is over: what it last was, and what AWS last refused."""
        resource = self.resource
        if self.refusal is not None and is_throttled(self.refusal):
            return from_client_error(self.refusal, resource.label, resource.session.region, resource)
        state = f"{self.seen.status} ({self.seen.status_reason})" if self.seen else "absent"
        diagnosis = advice_on(resource.session, resource)
        refusal = f"; AWS's last refusal: {self.refusal}" if self.refusal else ""
        return WaitTimeoutError(
            f"{resource.label} in {resource.session.region} was not ready after {resource.patience.timeout_s:g} s: "
            f"it is {state}{refusal}. {advice_text(diagnosis)}".strip(),
            description=self.seen,
            diagnosis=diagnosis,
            resource=resource,
            hint="Nothing is lost: ensure() again goes on from here; patience=Patience(timeout_s=...) waits longer.",
        )
