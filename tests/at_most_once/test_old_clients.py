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
