"""Moves what is under way to where it settles, once its time has come."""

from batchwright.local.state import Queue, Region, State


def settle(state: State) -> None:
    """Give every compute environment and queue the status that the clock says it has reached."""
    now = state.clock.now()
    for region in state.regions.values():
        _settle_environments(region, now)
        _settle_queues(region, now)


def _settle_environments(region: Region, now: float) -> None:
    for environment in list(region.environments.values()):
        if environment.due_at > now or environment.status not in ("CREATING", "UPDATING", "DELETING"):
            continue
        if environment.pending_failure:
            environment.status, environment.status_reason = "INVALID", environment.pending_failure
        elif environment.status == "DELETING":
            del region.environments[environment.name]
        else:
            environment.status, environment.status_reason = "VALID", "ComputeEnvironment Healthy"


def _settle_queues(region: Region, now: float) -> None:
    for queue in list(region.queues.values()):
        if queue.due_at > now:
            continue
        if queue.status in ("CREATING", "UPDATING"):
            queue.status, queue.status_reason = "VALID", "JobQueue Healthy"
        elif queue.status == "DELETING" and not has_unfinished_jobs(region, queue):
            del region.queues[queue.name]


def has_unfinished_jobs(region: Region, queue: Queue) -> bool:
    """Return whether any job of the queue can still change."""
    return any(job.queue_arn == queue.arn and not job.is_finished for job in region.jobs.values())
