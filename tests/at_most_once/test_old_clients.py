"""A boto3 from before consumable resources: refused before any call, and in nobody's way otherwise."""

import botocore
import pytest

from batchwright import BatchSession, ConfigurationError
from batchwright.local.in_process import InProcessAws


@pytest.fixture(autouse=True)
def old_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.37.1")


def test_a_declaration_says_which_version_it_needs(session: BatchSession, aws: InProcessAws) -> None:
    """The resource is refused where it is declared."""
    with pytest.raises(ConfigurationError, match=r"(?s)'licences' needs .* 1\.37\.1 .*boto3 1\.37\.2 or newer"):
        session.consumable_resource(name="licences", total_quantity=5)
    assert aws.calls == []


def test_the_inventory_does_without(session: BatchSession, aws: InProcessAws) -> None:
    """It lists everything else."""
    session.scheduling_policy(name="fair").ensure()
    assert [item.name for item in session.inventory()] == ["fair"]
    assert ("batch", "ListConsumableResources") not in aws.calls


def test_a_job_says_what_it_is_that_needs_it(session: BatchSession, aws: InProcessAws) -> None:
    """A job that is to start at most once is refused where it is declared, and others are not."""
    definition = session.job_definition(name="convert", image="busybox:1.36")
    session.batch_job(name="sub-01", definition=definition)
    with pytest.raises(ConfigurationError, match="job 'sub-01' with run_at_most_once=True needs"):
        session.batch_job(name="sub-01", definition=definition, run_at_most_once=True)
    assert aws.calls == []
