"""ListJobs, with its defaults that surprise and an index that lags."""

from collections.abc import Callable, Iterable

from batchwright.local.calls import Call
from batchwright.local.job_views import is_remembered, job_summary
from batchwright.local.lookup import find_queue
from batchwright.local.paging import Key, page, paged_answer
from batchwright.local.refusals import Refusal, not_served
from batchwright.local.state import Job, Wire

_SELECTORS = ("jobQueue", "arrayJobId", "multiNodeJobId")
_MOST_LISTED = 1000
_MOST_FILTERED = 100

Test = Callable[[Job], bool]


def list_jobs(call: Call) -> Wire:
    """Serve ListJobs: RUNNING jobs where nothing else is asked for, newest first."""
    request = call.request
    if sum(member in request for member in _SELECTORS) != 1:
        raise Refusal(f"Exactly one of {', '.join(_SELECTORS)} is required.")
    filters: list[Wire] = request.get("filters", [])
    if "arrayJobId" in request and filters:
        raise Refusal("filters do not apply to the children of an array job.")
    is_wanted = _test(request, filters)
    wanted = [job for job in _selected(call) if is_wanted(job) and _shows(call, job)]
    most = _MOST_FILTERED if filters else _MOST_LISTED
    shown, token = page(wanted, key=_newest_first, request=request, most=most)
    return paged_answer("jobSummaryList", [job_summary(job) for job in shown], token)


def _selected(call: Call) -> Iterable[Job]:
    request, jobs = call.request, call.region.jobs
    if "multiNodeJobId" in request:
        raise not_served("A multi-node parallel job")
    if "arrayJobId" in request:
        parent = jobs.get(request["arrayJobId"])
        ids = [f"{parent.id}:{index}" for index in range(parent.array_size or 0)] if parent else []
        return [jobs[each] for each in ids if each in jobs]
    queue = find_queue(call.region, request["jobQueue"])
    if queue is None:
        raise Refusal(f"JobQueue {request['jobQueue']} does not exist")
    return [job for job in jobs.values() if job.queue_arn == queue.arn and job.parent_id is None]


def _shows(call: Call, job: Job) -> bool:
    # In whole milliseconds, as the job's own time is: rounded up, it may be later than now.
    is_indexed = call.state.clock.now_ms() - job.created_at_ms >= call.state.delays.listing_lag_s * 1000
    return is_indexed and is_remembered(job, call.now)


def _newest_first(job: Job) -> Key:
    return (-job.created_at_ms, job.index or 0, job.id)


def _test(request: Wire, filters: list[Wire]) -> Test:
    if not filters:
        status = request.get("jobStatus", "RUNNING")
        return lambda job: job.status == status
    if len(filters) > 1:
        raise Refusal("Only one filter can be used at a time.")
    name, values = filters[0].get("name", ""), filters[0].get("values", [])
    if name not in _FILTERS or not values:
        raise Refusal(f"A filter is one of {', '.join(_FILTERS)} with a value, not {name!r} with {values}.")
    tests = [_FILTERS[name](value) for value in values]
    status = request.get("jobStatus") if name == "SHARE_IDENTIFIER" else None
    return lambda job: any(test(job) for test in tests) and status in (None, job.status)


def _matches(glob: str, text: str) -> bool:
    return text.startswith(glob[:-1]) if glob.endswith("*") else text == glob


def _has_name(value: str) -> Test:
    return lambda job: _matches(value.lower(), job.name.lower())


def _has_definition(value: str) -> Test:
    if value.startswith("arn:"):
        return lambda job: job.definition_arn == value
    return lambda job: _matches(value, job.definition_arn.rpartition("/")[2].rpartition(":")[0])


def _has_share(value: str) -> Test:
    return lambda job: job.share_identifier == value


def _created_before(value: str) -> Test:
    limit_ms = _milliseconds(value)
    return lambda job: job.created_at_ms < limit_ms


def _created_after(value: str) -> Test:
    limit_ms = _milliseconds(value)
    return lambda job: job.created_at_ms > limit_ms


def _milliseconds(value: str) -> int:
    if not value.isdigit():
        raise Refusal(f"A creation time is a number of milliseconds, not {value!r}.")
    return int(value)


_FILTERS: dict[str, Callable[[str], Test]] = {
    "JOB_NAME": _has_name,
    "JOB_DEFINITION": _has_definition,
    "BEFORE_CREATED_AT": _created_before,
    "AFTER_CREATED_AT": _created_after,
    "SHARE_IDENTIFIER": _has_share,
}
