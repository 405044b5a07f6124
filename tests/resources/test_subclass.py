"""A subclass of a user that adds a key to the request: created, drift-checked, and in the contract like our kinds."""

from collections.abc import Mapping

import pytest

from batchwright import Action, BatchSession, IamRole, JobDefinition, ReplacementRequiredError, Resolved, resource
from batchwright.testing import ResourceContract


@resource(kw_only=True)
class PrioritisedDefinition(JobDefinition):
    """A definition whose jobs have a priority within their share."""

    scheduling_priority: int | None = None

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {**super()._request(resolved), "schedulingPriority": self.scheduling_priority}


class TestPrioritisedDefinition(ResourceContract):
    """The added key is created, compared, updated and taken out like every other."""

    mutable = {"scheduling_priority": 7, "command": ["true"], "tags": {"project": "reads"}}

    def declare(self, session: BatchSession) -> PrioritisedDefinition:
        return PrioritisedDefinition(session, name="prioritised", image="busybox:1.36")


@resource(kw_only=True)
class LongRole(IamRole):
    """A role whose sessions last longer than an hour."""

    max_session_s: int = 7200

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {**super()._request(resolved), "MaxSessionDuration": self.max_session_s}


def test_a_key_without_a_rule_needs_a_replacement(session: BatchSession) -> None:
    """What a subclass does not declare as updatable is never changed silently."""
    assert LongRole(session, name="long").ensure().action is Action.CREATED
    assert LongRole(session, name="long").ensure().action is Action.UNCHANGED
    with pytest.raises(ReplacementRequiredError, match="MaxSessionDuration"):
        LongRole(session, name="long", max_session_s=3600).ensure()
