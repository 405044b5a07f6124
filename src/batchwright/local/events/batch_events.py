"""What AWS Batch tells EventBridge of its jobs ("AWS Batch events", Batch guide)."""

import attrs

from batchwright.local.events.bus import Buses
from batchwright.local.events.event import Event
from batchwright.local.job_views import job_detail
from batchwright.local.state import Job, State

STATE_CHANGE = "Batch Job State Change"
QUEUE_BLOCKED = "Batch Job Queue Blocked"


@attrs.frozen(kw_only=True, eq=False)
class BatchEvents:
    """Makes the events of Batch; the caller holds the state's lock.

    Args:
        state: Brings the clock, and the jobs.
        buses: Take them.
    """

    state: State
    buses: Buses

    def status_changed(self, job: Job) -> None:
        """Tell of a job whose status has changed; where no rule listens this costs next to nothing."""
        self._tell(STATE_CHANGE, job, (job.arn,))

    def queue_blocked(self, job: Job) -> None:
        """Tell of the job at the head of a queue that keeps those behind it from starting, and of its queue."""
        self._tell(QUEUE_BLOCKED, job, (job.arn, job.queue_arn))

    def _tell(self, kind: str, job: Job, resources: tuple[str, ...]) -> None:
        name = job.region_name
        if not self.buses.listens(name):
            return
        detail = job_detail(self.state.region(name), job)
        detail["tags"] = {"resourceArn": job.arn, **job.tags}
        event = Event(
            account=self.state.account,
            region=name,
            source="aws.batch",
            kind=kind,
            time=self.state.clock.now(),
            detail=detail,
            resources=resources,
        )
        self.buses.put(event)
