"""Moves what is under way to where it settles, once its time has come."""

from batchwright.local.state import Environment, Queue, Region, State


def settle(state: State) -> None:
    """Give every compute environment and queue the status that the clock says it has reached."""
    now = state.clock.now()
    for region in state.regions.values():
        _settle_environments(region, now, state.delays.deleted_s)
        _settle_queues(region, now, state.delays.deleted_s)
        _forget(region.deleted_environments, now)
        _forget(region.deleted_queues, now)


def _forget(deleted: dict[str, Environment] | dict[str, Queue], now: float) -> None:
    for name in [name for name, thing in deleted.items() if thing.due_at <= now]:
        del deleted[name]


def _settle_environments(region: Region, now: float, deleted_s: float) -> None:
    for environment in list(region.environments.values()):
        if environment.due_at > now or environment.status not in ("CREATING", "UPDATING", "DELETING"):
            continue
        if environment.pending_failure:
            environment.status, environment.status_reason = "INVALID", environment.pending_failure
        elif environment.status == "DELETING":
            environment.status, environment.due_at = "DELETED", environment.due_at + deleted_s
            region.deleted_environments[environment.name] = region.environments.pop(environment.name)
        else:
            environment.status, environment.status_reason = "VALID", "ComputeEnvironment Healthy"


def _settle_queues(region: Region, now: float, deleted_s: float) -> None:
    for queue in list(region.queues.values()):
        if queue.due_at > now:
            continue
        if queue.status in ("CREATING", "UPDATING"):
            queue.status, queue.status_reason = "VALID", "JobQueue Healthy"
        elif queue.status == "DELETING" and not has_unfinished_jobs(region, queue):
            queue.status, queue.due_at = "DELETED", now + deleted_s
            region.deleted_queues[queue.name] = region.queues.pop(queue.name)


def has_unfinished_jobs(region: Region, queue: Queue) -> bool:
    """Return whether any job of the queue can still change."""
    return any(job.queue_arn == queue.arn and not job.is_finished for job in region.jobs.values())
