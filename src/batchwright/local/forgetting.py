"""Forgets jobs that nobody can ask for any more, so that memory does not grow for ever."""

from batchwright.local.job_views import is_remembered
from batchwright.local.state import Job, Region, State

_EVERY_S = 3600.0


def forget_old_jobs(state: State) -> None:
    """Drop the jobs that ended more than seven days ago; looks at most once an hour, since it looks at all of them."""
    now = state.clock.now()
    if abs(now - state.forgot_at) < _EVERY_S:
        return
    state.forgot_at = now
    for region in state.regions.values():
        region.jobs = {each: job for each, job in region.jobs.items() if _is_kept(job, region, now)}


def _is_kept(job: Job, region: Region, now: float) -> bool:
    """Children stay as long as their array, whose summary counts them."""
    return is_remembered(region.jobs.get(job.parent_id or "", job), now)
