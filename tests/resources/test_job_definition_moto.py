"""Job definitions under moto's own `mock_aws`, which users test with and which hands old members on."""

import attrs
from moto import mock_aws

from batchwright import BatchSession
from batchwright.resources.job_definition import JobDefinition
from batchwright.values import Action, RetryPolicy


def test_nothing_is_inherited_from_an_earlier_revision() -> None:
    """moto fills what a request leaves out from the revision before; ours leave nothing out."""
    with mock_aws(config={"batch": {"use_docker": False}}), BatchSession("test", region="us-east-2") as session:
        plain = JobDefinition(session, name="convert", image="busybox:1.36")
        rich = attrs.evolve(plain, retry=RetryPolicy.for_spot(), parameters={"subject": "01"}, environment={"A": "1"})
        actions = [each.ensure().action for each in (rich, rich, plain, plain)]
        assert actions == [Action.CREATED, Action.UNCHANGED, Action.UPDATED, Action.UNCHANGED]
        assert plain.describe().parameters == {}
        plain.delete()
        assert not plain.exists()
