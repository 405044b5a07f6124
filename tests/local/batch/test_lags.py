"""What AWS Batch shows late, refuses at its quotas, and forgets."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from batchwright.local.delays import Delays

if TYPE_CHECKING:
    from conftest import Lab

WEEK_S = 7 * 24 * 3600
MakeLab = Callable[[Delays], "Lab"]


def test_a_new_environment_is_not_described_at_once(make_lab: MakeLab) -> None:
    """For a few seconds it is not there, although its name is taken."""
    lab = make_lab(Delays.realistic())
    create: dict[str, Any] = {"computeEnvironmentName": "lab", "type": "UNMANAGED", "serviceRole": "batch"}
    lab.client.create_compute_environment(**create)
    assert lab.client.describe_compute_environments(computeEnvironments=["lab"])["computeEnvironments"] == []
    assert lab.client.describe_compute_environments()["computeEnvironments"] == []
    assert lab.refusal("create_compute_environment", **create) == "Object already exists."
    lab.advance(Delays.realistic().environment_lag_s)
    assert lab.described_environment()["status"] == "CREATING"


def test_a_new_job_is_not_described_at_once(make_lab: MakeLab) -> None:
    """DescribeJobs leaves it out for a moment, and still takes it as a dependency."""
    lab = make_lab(Delays.realistic())
    lab.queue("lab")
    lab.definition()
    first = lab.submit()
    second = lab.submit("sub-02", dependsOn=[{"jobId": first}])
    assert lab.client.describe_jobs(jobs=[first, second])["jobs"] == []
    lab.advance(Delays.realistic().describe_lag_s)
    assert [job["jobId"] for job in lab.client.describe_jobs(jobs=[first, second])["jobs"]] == [first, second]


def test_an_account_has_at_most_50_environments_and_50_queues(lab: "Lab") -> None:
    """The 51st of a region is refused, and one that is deleted makes room."""
    arn = lab.environment()
    order = [{"order": 1, "computeEnvironment": arn}]
    create: dict[str, Any] = {"priority": 1, "computeEnvironmentOrder": order}
    for number in range(49):
        lab.client.create_compute_environment(
            computeEnvironmentName=f"lab-{number}", type="UNMANAGED", serviceRole="batch"
        )
    for number in range(50):
        lab.client.create_job_queue(jobQueueName=f"lab-{number}", **create)
    unmanaged = {"computeEnvironmentName": "more", "type": "UNMANAGED", "serviceRole": "batch"}
    assert "maximum number of compute environments" in lab.refusal("create_compute_environment", **unmanaged)
    assert "maximum number of job queues" in lab.refusal("create_job_queue", jobQueueName="more", **create)
    lab.advance(60)
    lab.client.update_job_queue(jobQueue="lab-0", state="DISABLED")
    lab.advance(60)
    lab.client.delete_job_queue(jobQueue="lab-0")
    lab.advance(60)
    assert lab.client.create_job_queue(jobQueueName="more", **create)["jobQueueName"] == "more"


def test_memory_of_old_jobs_is_given_back(ready: "Lab") -> None:
    """A week after its end nothing of a job is left; unfinished ones and the children of unfinished arrays stay."""
    old, young = ready.submit(), ready.submit("sub-02")
    array = ready.submit("array", arrayProperties={"size": 2})
    for job_id in (old, f"{array}:0"):
        ready.set_job(job_id, status="SUCCEEDED", stopped_at_ms=ready.state.clock.now_ms())
    ready.advance(WEEK_S + 3601)
    ready.client.describe_job_queues()
    assert set(ready.region.jobs) == {young, array, f"{array}:0", f"{array}:1"}
    for job_id in (array, f"{array}:1"):
        ready.set_job(job_id, status="FAILED", stopped_at_ms=ready.state.clock.now_ms())
    ready.advance(WEEK_S + 3601)
    ready.client.describe_job_queues()
    assert set(ready.region.jobs) == {young}


@pytest.mark.parametrize("moved_s", [-WEEK_S, 60.0])
def test_forgetting_goes_on_whichever_way_the_clock_is_moved(ready: "Lab", moved_s: float) -> None:
    """A clock that was set back does not stop it for good."""
    job_id = ready.submit()
    ready.set_job(job_id, status="FAILED", stopped_at_ms=ready.state.clock.now_ms())
    ready.advance(moved_s)
    ready.client.describe_job_queues()
    ready.advance(2 * WEEK_S + 3601)
    ready.client.describe_job_queues()
    assert ready.region.jobs == {}
