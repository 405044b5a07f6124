"""The contract of scheduling policies."""

import pytest

from batchwright import BatchSession, SchedulingPolicy
from batchwright.errors import DeclarationError
from batchwright.testing import ResourceContract


class TestSchedulingPolicy(ResourceContract):
    """A fair-share policy keeps the contract of all resources."""

    mutable = {"shares": {"nightly": 0.5}, "compute_reservation": 10, "tags": {"project": "reads"}}

    def declare(self, session: BatchSession) -> SchedulingPolicy:
        return session.scheduling_policy(name="fair", share_decay_s=600)


def test_a_weight_out_of_range_is_refused_before_any_call() -> None:
    """The error names the field and what is legal."""
    with pytest.raises(DeclarationError, match=r"shares=.*0\.0001 to 999\.9999"):
        SchedulingPolicy(BatchSession("test"), name="fair", shares={"a": 0})
