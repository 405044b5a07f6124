"""AWS runs instances of one CPU architecture in an environment, and environments of one architecture in a queue."""

import pytest

from batchwright import BatchSession, DeclarationError


@pytest.mark.parametrize(
    "types", [("default_arm64", "optimal"), ("c6g", "c6i"), ("a1.large", "m5"), ("g5g.xlarge", "g5"), ("im4gn", "p4d")]
)
def test_two_architectures_in_an_environment_are_refused_before_any_call(types: tuple[str, str]) -> None:
    """The error names the field and both sides."""
    session = BatchSession("lab", region="us-east-2")
    with pytest.raises(DeclarationError, match=r"instance_types=.*one CPU architecture"):
        session.compute_environment(name="lab", instance_types=types)


@pytest.mark.parametrize(
    "types", [("c6i", "g4dn", "g4ad", "p4d", "optimal", "inf2", "u-6tb1.metal"), ("c7gn", "t4g.micro")]
)
def test_types_of_one_architecture_go_together(types: tuple[str, ...]) -> None:
    """The letter after the generation tells Graviton, not a family that begins with g."""
    assert BatchSession("lab", region="us-east-2").compute_environment(name="lab", instance_types=types).instance_types


def test_two_architectures_in_a_queue_are_refused_before_any_call() -> None:
    """A queue's environments are alike."""
    session = BatchSession("lab", region="us-east-2")
    arm = session.compute_environment(name="arm", instance_types="default_arm64")
    with pytest.raises(DeclarationError, match=r"compute_environments=.*one CPU architecture"):
        session.job_queue(name="lab", compute_environments=[arm, session.compute_environment(name="lab")])


def test_the_local_batch_refuses_them_too(session: BatchSession) -> None:
    """As AWS does when the environment is made."""
    resources = session.compute_environment(name="lab").ensure().description.compute_resources
    request = {key: value for key, value in resources.items() if key not in ("ec2Configuration", "desiredvCpus")}
    with pytest.raises(session.batch.exceptions.ClientException, match="architecture"):
        session.batch.create_compute_environment(
            computeEnvironmentName="mixed",
            type="MANAGED",
            computeResources={**request, "instanceTypes": ["c6i", "c6g"]},  # type: ignore[arg-type, typeddict-item]
        )
