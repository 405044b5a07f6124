"""A fair-share policy means the same in whatever order and words AWS tells it."""

import pytest

from batchwright import Action, BatchSession


@pytest.mark.parametrize(
    "told",
    [
        {
            "shareDistribution": [
                {"shareIdentifier": "b"},
                {"shareIdentifier": "a", "weightFactor": 0.3000000119},
            ]
        },
        {"shareDecaySeconds": 600},
    ],
)
def test_equal_shares_are_no_drift(session: BatchSession, told: dict[str, object]) -> None:
    """The order of shares means nothing, a weight is a short float and 1 when left out, and no decay is 600 seconds."""
    policy = session.scheduling_policy(name="fair", shares={"a": 0.3, "b": 1}, share_decay_s=0)
    arn = policy.ensure().description.arn
    said = {**policy.describe().fairshare_policy, **told}
    session.batch.update_scheduling_policy(arn=arn, fairsharePolicy=said)  # type: ignore[arg-type]  # as a test has it
    assert policy.ensure().action is Action.UNCHANGED


@pytest.mark.parametrize("shares", [{"a": 0.3001, "b": 1}, {"a": 0.3}, {"a": 0.3, "b": 1, "c": 1}])
def test_other_shares_are_drift(session: BatchSession, shares: dict[str, float]) -> None:
    """Another weight, one share fewer or one more is brought into line."""
    session.scheduling_policy(name="fair", shares={"a": 0.3, "b": 1}).ensure()
    changed = session.scheduling_policy(name="fair", shares=shares)
    assert [changed.ensure().action, changed.ensure().action] == [Action.UPDATED, Action.UNCHANGED]
