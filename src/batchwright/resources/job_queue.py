"""A job queue of AWS Batch: jobs wait here for a place in one of its compute environments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright._display import Displayed
from batchwright._wire import Description, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import from_session, resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import InUseError
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.compute_resources import is_arm, last_segment
from batchwright.resources.scheduling_policy import SchedulingPolicy
from batchwright.translation import says
from batchwright.values import aws_name, object_of, one_of, refuse, several, whole
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_batch.literals import JobStatusType

ENVIRONMENTS_MAX: Final = 3
_ACTIONS: Final = "jobStateTimeLimitActions"
UNFINISHED: Final[tuple[JobStatusType, ...]] = ("RUNNING", "STARTING", "RUNNABLE", "PENDING", "SUBMITTED")
REASONS: Final = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    "MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED",
)
NOT_VALID: Final = ("is not a valid compute environment", "not in a valid state", "not in valid state")


@attrs.frozen
class TimeLimitAction(Displayed):
    """What Batch does with the job at the head of the queue when it cannot start for one reason for so long.

    Args:
        reason: AWS's word for why the job cannot start, such as `"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"`.
        max_time_s: Seconds that it may stand there, 600 to 86400.
        action: `"CANCEL"`, the one action for queues of compute environments.
    """

    reason: str = attrs.field(validator=one_of(*REASONS))
    max_time_s: int = attrs.field(default=86_400, kw_only=True, validator=whole(600, 86_400, "seconds"))
    action: str = attrs.field(default="CANCEL", kw_only=True, validator=one_of("CANCEL"))

    def to_request(self) -> dict[str, object]:
        """One of the `jobStateTimeLimitActions` of a request."""
        members: dict[str, object] = {"reason": self.reason, "state": "RUNNABLE"}
        return {**members, "maxTimeSeconds": self.max_time_s, "action": self.action}


# A job that asks for more than the environments have would wait, and block those behind it, for ever.
DEFAULT_ACTIONS: Final = (
    TimeLimitAction("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"),
    TimeLimitAction("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"),
)


@attrs.frozen(kw_only=True)
class JobQueueDescription(Description):
    """What `batch:DescribeJobQueues` reports of one queue.

    Attributes:
        state: `"ENABLED"` or `"DISABLED"`: whether it takes jobs.
        status: `"CREATING"`, `"VALID"`, `"INVALID"`, `"UPDATING"`, `"DELETING"` or `"DELETED"`.
        compute_environment_arns: The most preferred one first.
    """

    _live: ClassVar[tuple[str, ...]] = ("state",)

    name: str = attrs.field(metadata=wire("jobQueueName"))
    arn: str = attrs.field(metadata=wire("jobQueueArn"))
    state: str = "ENABLED"
    status: str = "VALID"  # where an imitation of AWS says nothing
    priority: int = 0
    compute_environment_arns: tuple[str, ...] = ()
    scheduling_policy_arn: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)


def _environments(value: ComputeEnvironment | Iterable[ComputeEnvironment] | None) -> tuple[ComputeEnvironment, ...]:
    return several(value)


def _actions(value: TimeLimitAction | Iterable[TimeLimitAction] | None) -> tuple[TimeLimitAction, ...]:
    return several(value)


_is_environment: Final = object_of(
    ComputeEnvironment, legal="a ComputeEnvironment, such as session.compute_environment(name=...) makes"
)


def _environments_legal(instance: object, field: attrs.Attribute[Any], value: tuple[ComputeEnvironment, ...]) -> None:
    for each in value:
        _is_environment(instance, field, each)
    names = [environment.name for environment in value]
    if len(value) > ENVIRONMENTS_MAX or len(set(names)) < len(names):
        raise refuse(instance, field.name, names, f"1 to {ENVIRONMENTS_MAX} compute environments, each once")
    if len({environment.is_fargate for environment in value}) > 1:
        kinds = {environment.name: environment.type for environment in value}
        raise refuse(instance, field.name, kinds, "all of them EC2 or Spot, or all of them Fargate")
    types = {environment.name: environment.instance_types for environment in value if not environment.is_fargate}
    if len({is_arm(each) for some in types.values() for each in some}) > 1:
        raise refuse(instance, field.name, types, "environments of one CPU architecture, ARM or x86")


def _actions_legal(instance: object, field: attrs.Attribute[Any], value: tuple[TimeLimitAction, ...]) -> None:
    reasons = [action.reason for action in value]
    if len(set(reasons)) < len(reasons):
        raise refuse(instance, field.name, reasons, "at most one action for each reason")


def _names_in_order(value: object) -> object:
    """The environments' names, most preferred first: the numbers need not be ours, and names may stand for ARNs."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    entries = cast("Sequence[Mapping[str, Any]]", value)
    return [last_segment(each["computeEnvironment"]) for each in sorted(entries, key=lambda each: int(each["order"]))]


def _by_reason(value: object) -> object:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    return sorted(cast("Sequence[Mapping[str, Any]]", value), key=lambda action: str(action["reason"]))


_RULES: Final = DriftRules(
    update=("state", "priority", "computeEnvironmentOrder", _ACTIONS),
    normalise={"computeEnvironmentOrder": _names_in_order, _ACTIONS: _by_reason},
    reset={_ACTIONS: []},
)
_RULES_WITH_POLICY: Final = attrs.evolve(_RULES, update=(*_RULES.update, "schedulingPolicyArn"))


@resource(kw_only=True)
class JobQueue(Resource[JobQueueDescription]):
    """A queue whose jobs run in one to three compute environments, tried in order.

    Args:
        compute_environments: One to three, the most preferred first; all with instances or all Fargate.
        priority: Before which other queues of the same environments its jobs are placed; higher comes first.
        enabled: Whether it takes new jobs; those that wait still run.
        scheduling_policy: Shares capacity between share identifiers. AWS lets one policy be replaced by another,
            but never added to a queue or taken from it.
        time_limit_actions: Which jobs Batch cancels when they cannot start; by default those that ask for more
            than the environments have, after a day.
    """

    kind: ClassVar[str] = "job queue"
    states: ClassVar[States] = States(ready=("VALID",), failed=("INVALID",), deleting=("DELETING",), gone=("DELETED",))
    drift_rules: ClassVar[DriftRules] = _RULES_WITH_POLICY

    name: str = attrs.field(validator=aws_name)
    compute_environments: tuple[ComputeEnvironment, ...] = attrs.field(
        default=(),
        converter=_environments,
        validator=_environments_legal,
        metadata=from_session("compute_environment", required=True),
    )
    priority: int = attrs.field(default=1, validator=whole(0, float("inf")))
    enabled: bool = True
    scheduling_policy: SchedulingPolicy | None = None
    time_limit_actions: tuple[TimeLimitAction, ...] = attrs.field(
        default=DEFAULT_ACTIONS, converter=_actions, validator=_actions_legal
    )

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        order = [
            {"order": number, "computeEnvironment": resolved[environment].arn}
            for number, environment in enumerate(self.compute_environments, start=1)
        ]
        request: dict[str, object] = {
            "jobQueueName": self.name,
            "state": "ENABLED" if self.enabled else "DISABLED",
            "priority": self.priority,
            "computeEnvironmentOrder": order,
        }
        if self.scheduling_policy:
            request["schedulingPolicyArn"] = resolved[self.scheduling_policy].arn
        if self.time_limit_actions:
            request[_ACTIONS] = [action.to_request() for action in self.time_limit_actions]
        return request

    def _read(self, resolved: Resolved) -> JobQueueDescription | None:
        found = self.session.batch.describe_job_queues(jobQueues=[self.name])["jobQueues"]
        return queue_described(cast("Mapping[str, object]", found[0]), self.session.clock.now()) if found else None

    def _actual(self, seen: JobQueueDescription) -> Mapping[str, object]:
        # AWS reports the type of every queue; an imitation that does not (moto) drops these actions without a word.
        if seen.raw.keys() & {"jobQueueType", _ACTIONS}:
            return seen.raw
        return {**seen.raw, _ACTIONS: [action.to_request() for action in self.time_limit_actions]}

    def _rules_for(self, seen: JobQueueDescription) -> DriftRules:
        """What AWS changes in place of the queue that is there."""
        return _RULES_WITH_POLICY if seen.scheduling_policy_arn and self.scheduling_policy else _RULES

    def _create(self, request: Mapping[str, object]) -> None:
        self.session.batch.create_job_queue(**cast("Any", request))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: JobQueueDescription) -> None:
        changes = {member: request.get(member, _RULES.reset.get(member)) for member in sorted(drift.fields)}
        self.session.batch.update_job_queue(jobQueue=seen.arn, **cast("Any", changes))

    def _is_busy(self, error: ClientError) -> bool:
        # An environment that someone is updating takes no queue until it has settled; a queue that someone deletes
        # does not exist for an update, and is made anew when it is gone.
        return super()._is_busy(error) or says(error, *NOT_VALID, f"job-queue/{self.name} does not exist")

    def _check_delete(self, seen: JobQueueDescription | None, *, force: bool) -> None:
        if seen is None or force or seen.status == "DELETING":
            return
        pages = [self.session.batch.list_jobs(jobQueue=seen.arn, jobStatus=status) for status in UNFINISHED]
        names = tuple(job["jobName"] for page in pages for job in page["jobSummaryList"])
        if names:
            some = ", ".join(map(repr, names[:3])) + (", ..." if len(names) > 3 else "")
            raise InUseError(
                f"{self.label} in {self.session.region} has unfinished jobs: {some}.",
                users=() if any(page.get("nextToken") for page in pages) else names,
                resource=self,
                hint="Wait for them or terminate them first; delete(force=True) has AWS terminate them.",
            )

    def _delete(self, seen: JobQueueDescription) -> None:
        if seen.state != "DISABLED":
            self.session.batch.update_job_queue(jobQueue=seen.arn, state="DISABLED")
        else:
            self.session.batch.delete_job_queue(jobQueue=seen.arn)

    def _tag(self, seen: JobQueueDescription, tags: Mapping[str, str]) -> None:
        self.session.batch.tag_resource(resourceArn=seen.arn, tags=dict(tags))

    def _untag(self, seen: JobQueueDescription, keys: Collection[str]) -> None:
        self.session.batch.untag_resource(resourceArn=seen.arn, tagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[JobQueueDescription]:
        """Every queue of the account's region that the session's namespace made."""
        for page in session.batch.get_paginator("describe_job_queues").paginate():
            for item in page["jobQueues"]:
                is_there = item.get("status") not in cls.states.gone  # AWS shows it for a while
                if is_there and namespace_in(item.get("tags", {})) == session.namespace:
                    yield queue_described(cast("Mapping[str, object]", item), session.clock.now())


def queue_described(answer: Mapping[str, object], read_at: float) -> JobQueueDescription:
    order = cast("list[Mapping[str, Any]]", answer.get("computeEnvironmentOrder") or [])
    arns = tuple(str(each["computeEnvironment"]) for each in sorted(order, key=lambda each: int(each["order"])))
    said = {member: value for member, value in answer.items() if value is not None}
    described = structure(JobQueueDescription, said, read_at=read_at, compute_environment_arns=arns)
    return attrs.evolve(described, raw=answer)
