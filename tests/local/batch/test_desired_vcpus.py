"""How many vCPUs an environment of the local AWS Batch has, as it tells."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Lab


def test_desired_vcpus_follow_the_bounds(lab: "Lab") -> None:
    """Raising minvCpus raises desiredvCpus with it."""
    lab.environment(desiredvCpus=2)
    lab.client.update_compute_environment(computeEnvironment="lab", computeResources={"minvCpus": 4})
    assert lab.described_environment()["computeResources"]["desiredvCpus"] == 4


def test_desired_vcpus_follow_the_jobs(lab: "Lab") -> None:
    """What starts and runs counts, in whole vCPUs and never over maxvCpus."""
    arn = lab.environment(maxvCpus=4)
    for in_use, told in ((0.0, 0), (2.5, 3), (9.0, 4)):
        lab.state.vcpus_in_use = lambda environment, used=in_use: used if environment.arn == arn else 0.0
        assert lab.described_environment()["computeResources"]["desiredvCpus"] == told
