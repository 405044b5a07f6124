"""Cancelling and terminating: the wish is written down here, the scheduler carries it out."""

from collections.abc import Iterator

from batchwright.local.calls import Call
from batchwright.local.refusals import Refusal
from batchwright.local.state import Job, Queue, Region, Wire

_LONGEST_REASON = 1024
_MOST_JOBS = 50
_CANCELLABLE = ("SUBMITTED", "PENDING", "RUNNABLE")


def cancel_job(call: Call) -> Wire:
    """Serve CancelJob: a job that has been started, or is not known, is left alone without a word."""
    _stop([call.request["jobId"]], call, is_cancel=True)
    return {}


def terminate_job(call: Call) -> Wire:
    """Serve TerminateJob."""
    _stop([call.request["jobId"]], call, is_cancel=False)
    return {}


def cancel_jobs(call: Call) -> Wire:
    """Serve CancelJobs, CancelJob for up to 50."""
    return _stop_many(call, is_cancel=True)


def terminate_jobs(call: Call) -> Wire:
    """Serve TerminateJobs, TerminateJob for up to 50."""
    return _stop_many(call, is_cancel=False)


def _stop_many(call: Call, *, is_cancel: bool) -> Wire:
    ids: list[str] = call.request["jobs"]
    if not 1 <= len(ids) <= _MOST_JOBS:
        raise Refusal(f"jobs must have 1 to {_MOST_JOBS} job ids, not {len(ids)}.")
    _stop(ids, call, is_cancel=is_cancel)
    return {"successful": ids, "errors": []}


def _stop(ids: list[str], call: Call, *, is_cancel: bool) -> None:
    reason: str = call.request["reason"]
    if not 1 <= len(reason) <= _LONGEST_REASON:
        raise Refusal(f"reason must have 1 to {_LONGEST_REASON} characters.")
    for job in (call.region.jobs[each] for each in ids if each in call.region.jobs):
        for each in _with_children(call.region, job):
            ask_to_stop(call.region, each, reason, is_cancel=is_cancel)


def _with_children(region: Region, job: Job) -> Iterator[Job]:
    yield job
    for index in range(job.array_size or 0):
        if child := region.jobs.get(f"{job.id}:{index}"):
            yield child


def ask_to_stop(region: Region, job: Job, reason: str, *, is_cancel: bool) -> None:
    """Write down the wish that an unfinished job may end; a job that has been started is not cancelled."""
    if job.is_finished or (is_cancel and job.status not in _CANCELLABLE):
        return
    if is_cancel:
        job.is_cancelled = True
    else:
        job.is_terminated = True
    job.stop_reason = job.stop_reason or reason
    region.to_stop.append(job)


def terminate_jobs_of(region: Region, queue: Queue) -> None:
    """Ask for the end of every unfinished job of a queue that is being deleted."""
    for job in region.jobs.values():
        if job.queue_arn == queue.arn:
            ask_to_stop(region, job, f"Job queue {queue.name} was deleted", is_cancel=False)
