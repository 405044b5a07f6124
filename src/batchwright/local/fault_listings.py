"""Faults of calls about many things: some are not seen yet, or are refused on their own."""

from typing import Any

import attrs

from batchwright.local.fault_effects import Visit, amount, index
from batchwright.local.messages import Answer, answer_json, as_list

LISTINGS = (
    "batch:ListJobs",
    "batch:DescribeJobs",
    "batch:DescribeComputeEnvironments",
    "batch:DescribeJobQueues",
    "batch:DescribeJobDefinitions",
)
"""The operations that can show things late."""

BULK = ("batch:CancelJobs", "batch:TerminateJobs")
"""The operations that answer for each job on its own."""


@attrs.frozen
class StaleListing:
    """What is younger than `seconds` is not shown."""

    seconds: float = attrs.field(validator=amount())

    def __call__(self, visit: Visit) -> Answer | None:
        """Answer as if all indexes lagged."""
        if visit.operation not in LISTINGS:
            return None
        return visit.carry_out(attrs.evolve(visit.call, lag_s=max(visit.call.lag_s, self.seconds)))


@attrs.frozen
class RefusedJobs:
    """Of the jobs of a call for many, some are reported as errors and left alone."""

    places: tuple[int, ...] = attrs.field(converter=tuple[int, ...], validator=attrs.validators.deep_iterable(index))
    code: str = "ThrottlingException"
    message: str = "Rate exceeded"

    def __call__(self, visit: Visit) -> Answer | None:
        """Carry out the call for the other jobs."""
        request = visit.call.json()
        jobs = as_list(request.get("jobs"))
        kept = [job for place, job in enumerate(jobs) if place not in self.places]
        if visit.operation not in BULK or len(kept) == len(jobs):
            return None
        answer: dict[str, Any] = {"successful": [], "errors": []}
        if kept:
            carried = visit.carry_out(visit.call.with_json({**request, "jobs": kept}))
            if not carried.is_success:
                return carried
            answer = carried.json()
        refused = [job for place, job in enumerate(jobs) if place in self.places]
        answer["errors"] += [{"job": job, "code": self.code, "message": self.message} for job in refused]
        return answer_json(answer)
