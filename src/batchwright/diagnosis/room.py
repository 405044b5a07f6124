"""Rules of a job that is to wait for room: whether others have it, and what to look at where nobody has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from batchwright._display.times import duration
from batchwright.diagnosis.batch_facts import (
    ENVIRONMENTS,
    JOBS,
    LIST,
    QUEUES,
    SNAPSHOT,
    environment_names,
    environments_by_queue,
    environments_of_queue,
    front_of,
    job_of,
    jobs_of,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.diagnosis.waiting_jobs import reason_of, since
from batchwright.findings import Distance, Finding, info, warning
from batchwright.resources.environment_description import ComputeEnvironmentDescription

if TYPE_CHECKING:
    from mypy_boto3_batch.literals import JobStatusType
    from mypy_boto3_batch.type_defs import JobSummaryTypeDef

RUNNING_MAX: Final = 5
"""Jobs that are named."""
ARRAYS_MAX: Final = 100
"""Arrays whose children are counted: as many as one DescribeJobs shows."""
SILENT_S: Final = 900.0
"""Seconds after which a wait without a reason is worth a word: a new instance takes some minutes."""
_UNTOLD: Final = (
    "What AWS does not tell: the account's EC2 vCPU quota (Service Quotas), instances that cannot reach the ECS "
    "endpoints, a custom AMI without the ECS agent or the job's log driver, a launch template whose user data fails. "
    "Look at the instances of the environment's ECS cluster."
)
_SILENT_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_common_causes.html"


@rule(
    "job-environments-full",
    of=JobSubject,
    says="the environments have no room at the moment: other jobs use all of max_vcpus",
    actions=(JOBS, QUEUES, ENVIRONMENTS, LIST),
    source="https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html",
)
def environments_full(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Who uses them."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status != "RUNNABLE":
        return
    queue = name_in(job.queue_arn)
    full = _full(facts, queue)
    if full and (running := _who_runs(facts, queue)):
        yield info(
            f"The compute environments of job queue {queue!r} are full: {subject.label} waits for other jobs to end.",
            *(
                f"{ENVIRONMENTS}: {each.name} has desiredvCpus {each.desired_vcpus} of {each.max_vcpus}"
                for each in full
            ),
            f"{LIST}: {running}",
            fix="Wait, raise max_vcpus of an environment, or end jobs that are not needed.",
        )


def _full(facts: Facts, queue: str) -> list[ComputeEnvironmentDescription]:
    """The environments of a queue, where each has started all that it may; none where one has room, or may have."""
    usable = [each for each in environments_of_queue(facts, queue) if each.state == "ENABLED" and each.max_vcpus]
    return usable if all(each.desired_vcpus >= each.max_vcpus for each in usable) else []


def _who_runs(facts: Facts, queue: str) -> str:
    """Which jobs have room already, some by name: of the queue, else of others with an environment of it."""
    if names := _running(facts, queue):
        return f"running in this queue: {names}"
    for other in _sharing(facts, queue):
        if names := _running(facts, other):
            return f"running in job queue {other!r}, which shares the compute environments: {names}"
    return ""


def _running(facts: Facts, queue: str) -> str:
    """The names of some that run; empty where none does."""

    def read(status: JobStatusType) -> Callable[[], Sequence[JobSummaryTypeDef]]:
        return lambda: facts.session.batch.list_jobs(jobQueue=queue, jobStatus=status)["jobSummaryList"]

    names = [each["jobName"] for each in facts.fact(LIST, ("RUNNING", queue), read("RUNNING")) or ()]
    if not names:  # an array is PENDING while its children run, and these are not listed by themselves
        pending = facts.fact(LIST, ("PENDING", queue), read("PENDING")) or ()
        ids = [each["jobId"] for each in pending if "size" in each.get("arrayProperties", {})]
        arrays = jobs_of(facts, ids[:ARRAYS_MAX]).values()
        counts = {each.name: each.status_summary.get("RUNNING", 0) for each in arrays}
        names = [f"{name} ({count} of its children)" for name, count in counts.items() if count]
    return ", ".join([*names[:RUNNING_MAX], *(["…"] if len(names) > RUNNING_MAX else [])])


def _sharing(facts: Facts, queue: str) -> Sequence[str]:
    """The other queues with an environment of this one."""
    own = frozenset(environment_names(facts, queue))
    every = environments_by_queue(facts).items()
    return [name for name, environments in every if name != queue and environments & own]


@rule(
    "job-silent",
    of=JobSubject,
    says="the job is at the head of its queue for long, and AWS gives no reason",
    actions=(JOBS, QUEUES, ENVIRONMENTS, SNAPSHOT, LIST),
    source=_SILENT_PAGE,
    distance=Distance.SIGN,
)
def silent(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """What AWS tells nobody: the things to look at by hand."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status != "RUNNABLE" or reason_of(job.status_reason) is not None:
        return
    queue = name_in(job.queue_arn)
    front = front_of(facts, queue)
    since_ms = front[0].get("earliestTimeAtPosition") if front else None
    if not since_ms or name_in(str(front[0]["jobArn"])) != job.job_id:
        return
    waited_s = facts.now - since_ms / 1000
    if waited_s <= SILENT_S:
        return
    at_head = f"{SNAPSHOT}: it is at the head of its queue{since(since_ms)}"
    if not (running := _who_runs(facts, queue)):
        yield warning(
            f"{subject.label} is {job.status} for {duration(waited_s)}, and AWS gives no reason.",
            at_head,
            fix=_UNTOLD,
        )
    elif not _full(facts, queue):
        yield info(
            f"{subject.label} is the next in its queue for {duration(waited_s)}, while other jobs run: most likely it "
            "waits for room.",
            at_head,
            f"{LIST}: {running}",
            fix="Wait, raise max_vcpus of an environment, or end jobs that are not needed; where there is room, look "
            "at the account's vCPU quota (Service Quotas).",
        )
