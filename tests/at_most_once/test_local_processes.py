"""Real processes over HTTP: two requests that AWS accepted, one process."""

import time
from pathlib import Path

from batchwright import BatchSession
from batchwright.local import LocalServer


def test_the_second_of_two_accepted_jobs_starts_no_process(tmp_path: Path) -> None:
    """What the command writes is written once, and the second job waits until it is deleted."""
    written = tmp_path / "runs"
    with LocalServer(engine="process") as server, BatchSession("once", boto3_session=server.boto3_session()) as session:
        command = ["sh", "-c", f"echo ran >> {written}"]
        job = session.submit("sub-01", image="busybox:1.36", command=command, run_at_most_once=True)
        assert job.start_unit is not None
        accepted = session.batch.describe_jobs(jobs=[job.job_id()])["jobs"][0]
        second = session.batch.submit_job(
            jobName=job.name,
            jobQueue=accepted["jobQueue"],
            jobDefinition=accepted["jobDefinition"],
            containerOverrides={"command": command},
            consumableResourcePropertiesOverride={
                "consumableResourceList": [{"consumableResource": job.start_unit.name, "quantity": 1}]
            },
        )["jobId"]

        def status() -> str:
            return session.batch.describe_jobs(jobs=[second])["jobs"][0]["status"]

        end = time.monotonic() + 30
        while job.describe().status != "SUCCEEDED" or status() != "RUNNABLE":
            assert time.monotonic() < end, (job.describe().status, status())
            session.clock.sleep(0.05)
        assert written.read_text("utf-8") == "ran\n"
        job.delete()
        assert status() == "FAILED"
        assert written.read_text("utf-8") == "ran\n"
        assert not job.start_unit.exists()
