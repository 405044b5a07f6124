"""One broken thing for each rule: what breaks it, in a place that is healthy but for that."""

from collections.abc import Callable
from typing import Any, Final, cast

import attrs

from batchwright import BatchJob, BatchSession, ComputeEnvironment, JobDefinition, JobQueue
from batchwright.local.in_process import InProcessAws
from batchwright.local.state import Job

LONG: Final = {"BATCHWRIGHT_SCRIPT_SECONDS": "100000"}


STEPS: Final = 5
"""Each step of a job begins when the one before is seen."""
ENDED: Final = "Essential container in task exited"


@attrs.frozen
class World:
    """An account in which a job runs; `aws.state` is where AWS's own side is made to misbehave."""

    aws: InProcessAws
    session: BatchSession

    @property
    def environment(self) -> ComputeEnvironment:
        """Four vCPUs of m6i and the like."""
        return self.session.compute_environment(name="lab", max_vcpus=4)

    @property
    def queue(self) -> JobQueue:
        """The queue of that environment."""
        return self.session.job_queue(name="lab", compute_environments=self.environment)

    def definition(self, **fields: object) -> JobDefinition:
        """A small container."""
        said = {"name": "convert", "image": "busybox:1.36", "vcpus": 1, "memory_gib": 1, **fields}
        return self.session.job_definition(**cast("Any", said))

    def job(self, name: str = "sub-01", *, wait_s: float = 5, **fields: object) -> BatchJob:
        """A job that was submitted, and had some seconds to get on."""
        said = {"definition": self.definition(), "queue": self.queue, "environment": LONG, **fields}
        job = self.session.batch_job(name=name, **cast("Any", said))
        job.ensure()
        for _ in range(STEPS):
            self.aws.advance(wait_s / STEPS)
        return job

    def waiting_job(self, name: str = "sub-01", **fields: object) -> BatchJob:
        """A job that is RUNNABLE or STARTING, since instances take a while."""
        return self.job(name, **cast("Any", fields))

    def of(self, job: BatchJob) -> Job:
        """The job on AWS's own side."""
        return self.aws.state.region("us-east-2").jobs[job.job_id()]

    def failed_job(
        self,
        reason: str = "",
        *,
        status_reason: str = "Essential container in task exited",
        exit_code: int | None = None,
    ) -> BatchJob:
        """A job that ended, of which AWS says this."""
        job = self.job("failed", command=["false"], environment={}, wait_s=300)
        seen = self.of(job)
        seen.status_reason, seen.reason, seen.exit_code = status_reason, reason, exit_code
        for attempt in seen.attempts:
            attempt.status_reason, attempt.reason, attempt.exit_code = status_reason, reason, exit_code
        return job


Break = Callable[[World], object]
BREAKS: Final[dict[str, Break]] = {}


def breaks(rule: str) -> Callable[[Break], Break]:
    """Register what breaks the one thing that a rule finds; it returns what is to be diagnosed."""

    def register(function: Break) -> Break:
        assert rule not in BREAKS, f"{rule} is broken twice"
        BREAKS[rule] = function
        return function

    return register
