"""Words of AWS's that are easily taken for those of another failure."""

import pytest

from batchwright.diagnosis.failures import failure_of
from batchwright.jobs.description import JobDescription

PULL = "CannotPullContainerError: "
REGISTRY = "ResourceInitializationError: unable to pull secrets or registry auth: "


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        (f"{PULL}failed to resolve ref 140312345678.dkr.ecr.us-east-2.amazonaws.com/a:1: not found", "pull-missing"),
        (f"{PULL}manifest for 142912345678.dkr.ecr.us-east-2.amazonaws.com/a:1 not found", "pull-missing"),
        (f"{PULL}unexpected status code: 403 Forbidden", "pull-denied"),
        (f"{PULL}httpReadSeeker: unexpected status code: 429", "pull-rate"),
        (f"{PULL}dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host", "pull-network"),
        (f"{PULL}failed to unpack image: no match for platform in manifest: not found", "pull-architecture"),
        (
            f"{REGISTRY}The task cannot pull registry auth from Amazon ECR: There is a connection issue",
            "initialization",
        ),
        (f"{REGISTRY}unable to retrieve ecr registry auth: dial tcp 10.0.0.9:443: i/o timeout", "initialization"),
        (f"{REGISTRY}unable to retrieve secrets from ssm: AccessDeniedException", "secrets"),
        ('CannotStartContainerError: exec: "prefs.sh": executable file not found in $PATH', "not-found"),
        ("CannotCreateContainerError: cannot use that as a volume mount. Choose another", "cannot-start"),
        ("Your Spot Task was interrupted.", "host"),
    ],
)
def test_what_is_easily_mistaken(reason: str, failure: str) -> None:
    """Account numbers are no status codes, and a registry that is not reached is no secret that is missing."""
    job = JobDescription(job_id="1", name="a", status="FAILED", status_reason="Task failed to start", reason=reason)
    found = failure_of(job)
    assert found is not None
    assert found.id == f"failed-{failure}"
