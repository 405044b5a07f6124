"""The one loop behind every `delete()`, and the checks before its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from batchwright._wire import Description
from batchwright.errors import NotFoundError, NotOwnedError, RetainedError, ThrottledError, WaitTimeoutError
from batchwright.outcome import Resolved
from batchwright.translation import is_throttled
from batchwright.values import Action
from batchwright.waiting import Phase

if TYPE_CHECKING:
    from batchwright.lifecycle import Resource

D = TypeVar("D", bound=Description)


def look(resource: Resource[D], resolved: Resolved) -> D | None:
    """What AWS reports, or None; also None where something that it lies in is gone."""
    try:
        seen = resource._read(resolved)
    except NotFoundError:
        return None
    gone = seen is None or resource.states.phase(seen.status) is Phase.ABSENT
    return None if gone else seen


def check(resource: Resource[D], *, force: bool = False) -> None:
    """Raise if `resource` must not be deleted; nothing is written.

    Raises:
        RetainedError: It says `retain=True`.
        NotOwnedError: This namespace did not make it, and `force` is false.
        InUseError: Something unfinished needs it, and `force` is false.
    """
    from botocore.exceptions import ClientError

    seen = look(resource, Resolved())
    if seen is None:
        return
    if getattr(resource, "retain", False):
        raise RetainedError(f"{resource.label} holds data and is declared retain=True.", resource=resource)
    if not force and not resource.owned(seen):
        seen = look(resource, Resolved())  # once more: what goes away loses its tags first
        if seen is None or resource.states.phase(seen.status) is Phase.DELETING:
            return
        if not resource.owned(seen):
            where = f"{resource.label} in {resource.session.region}"
            raise NotOwnedError(f"{where} was not made by namespace {resource.session.namespace!r}.", resource=resource)
    try:
        resource._check_delete(seen, force=force)
    except ClientError as error:
        if not resource._gone(error):  # somebody else took it away since the look
            raise


def remove(resource: Resource[D]) -> Action:
    """Step until it is gone; DELETED, or ABSENT when there was nothing to do.

    Raises:
        InUseError: AWS does not delete it while something has it, and that is not going away.
        WaitTimeoutError: The resource's patience is over.
    """
    from botocore.exceptions import ClientError

    found, seen = False, None
    refusal: Exception | None = None
    for _ in resource.patience.pace(resource.session.clock):
        try:
            seen = look(resource, Resolved())
            if seen is None:
                return Action.DELETED if found else Action.ABSENT
            found = True
            if resource.states.phase(seen.status) in (Phase.READY, Phase.FAILED):
                resource._delete(seen)
        except ClientError as error:
            if not (resource._gone(error) or resource._is_busy(error) or is_throttled(error)):
                raise
            refusal = error
        except ThrottledError as error:  # of the look, which translates
            refusal = error
    raise WaitTimeoutError(
        f"{resource.label} in {resource.session.region} was not gone after {resource.patience.timeout_s:g} s: "
        f"it is {seen.status if seen else 'unknown'}{f' ({refusal})' if refusal else ''}.",
        description=seen,
        resource=resource,
        hint="Nothing is lost: delete() again goes on from here.",
    )
