"""All that the local AWS Batch remembers, as plain mutable records; whoever reads or writes them holds `State.lock`."""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from batchwright.local.delays import Delays
from batchwright.local.server_clock import ServerClock

Wire = dict[str, Any]
"""One JSON object as it travels between client and service."""

TERMINAL_STATUSES = ("SUCCEEDED", "FAILED")
JOB_STATUSES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", *TERMINAL_STATUSES)


@attrs.define(kw_only=True, eq=False)
class Environment:
    """A compute environment: the create request with all updates merged in, and what became of it.

    `pending_failure` is the status reason with which it will be INVALID at `due_at`; empty means VALID.
    Times are epoch seconds.
    """

    name: str
    arn: str
    uuid: str
    ecs_cluster_arn: str
    request: Wire
    state: str = "ENABLED"
    status: str = "CREATING"
    status_reason: str = ""
    created_at: float = 0.0
    due_at: float = 0.0
    pending_failure: str = ""
    tags: dict[str, str] = attrs.field(factory=dict[str, str])
    update_policy: Wire | None = None


@attrs.define(kw_only=True, eq=False)
class Queue:
    """A job queue, its compute environments in order of preference.

    `environment_orders` are the numbers that each was sent with, which AWS reports as they were.
    """

    name: str
    arn: str
    state: str = "ENABLED"
    status: str = "CREATING"
    status_reason: str = ""
    priority: int = 1
    environment_arns: list[str] = attrs.field(factory=list[str])
    environment_orders: list[int] = attrs.field(factory=list[int])
    scheduling_policy_arn: str | None = None
    time_limit_actions: list[Wire] = attrs.field(factory=list[Wire])
    created_at: float = 0.0
    due_at: float = 0.0
    tags: dict[str, str] = attrs.field(factory=dict[str, str])


@attrs.define(kw_only=True, eq=False)
class Definition:
    """One revision of a job definition."""

    name: str
    revision: int
    arn: str
    request: Wire
    status: str = "ACTIVE"
    created_at: float = 0.0
    tags: dict[str, str] = attrs.field(factory=dict[str, str])


@attrs.define(kw_only=True, eq=False)
class Policy:
    """A scheduling policy."""

    name: str
    arn: str
    fairshare: Wire | None = None
    tags: dict[str, str] = attrs.field(factory=dict[str, str])


@attrs.define(kw_only=True, eq=False)
class Consumable:
    """A consumable resource; what is taken of one that is not replenishable is gone from `total` for good."""

    name: str
    arn: str
    total: int
    is_replenishable: bool
    created_at_ms: int
    in_use: int = 0
    tags: dict[str, str] = attrs.field(factory=dict[str, str])
    updates: dict[str, tuple[Wire, float]] = attrs.field(factory=dict[str, tuple[Wire, float]])
    """By client token, the update that was asked for under it, and when, in epoch seconds."""


@attrs.define(kw_only=True, eq=False)
class Attempt:
    """One run of a job's container; times are epoch milliseconds."""

    started_at_ms: int | None = None
    stopped_at_ms: int | None = None
    exit_code: int | None = None
    reason: str | None = None
    status_reason: str | None = None
    log_stream: str | None = None


@attrs.define(kw_only=True, eq=False)
class Job:
    """A job, an array job (`array_size` set) or one of its children (`parent_id` and `index` set).

    `request` is what SubmitJob was sent, `container` the definition's container with the overrides applied, in
    AWS's own shape.  `is_cancelled`, `is_terminated` and `stop_reason` are wishes; the scheduler carries them out.
    """

    id: str
    arn: str
    name: str
    queue_arn: str
    definition_arn: str
    request: Wire
    container: Wire
    created_at_ms: int
    status: str = "SUBMITTED"
    status_reason: str | None = None
    runnable_at_ms: int | None = None
    started_at_ms: int | None = None
    stopped_at_ms: int | None = None
    retry: Wire = attrs.field(factory=dict[str, Any])
    timeout_s: int | None = None
    depends_on: list[Wire] = attrs.field(factory=list[Wire])
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    parent_id: str | None = None
    index: int | None = None
    array_size: int | None = None
    is_cancelled: bool = False
    is_terminated: bool = False
    stop_reason: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict[str, str])
    exit_code: int | None = None
    reason: str | None = None
    log_stream: str | None = None
    platform: str = "EC2"
    share_identifier: str | None = None
    consumables: list[Wire] = attrs.field(factory=list[Wire])

    @property
    def region_name(self) -> str:
        """The region that the job was submitted in."""
        return self.arn.split(":")[3]

    @property
    def is_finished(self) -> bool:
        """Whether the job SUCCEEDED or FAILED, and so will never change again."""
        return self.status in TERMINAL_STATUSES


@attrs.define(kw_only=True, eq=False)
class Region:
    """Everything of one account in one region; definitions are kept by name, oldest revision first.

    What is deleted is still shown until its `due_at`, and does nothing any more.
    """

    account: str
    name: str
    environments: dict[str, Environment] = attrs.field(factory=dict[str, Environment])
    queues: dict[str, Queue] = attrs.field(factory=dict[str, Queue])
    deleted_environments: dict[str, Environment] = attrs.field(factory=dict[str, Environment])
    deleted_queues: dict[str, Queue] = attrs.field(factory=dict[str, Queue])
    definitions: dict[str, list[Definition]] = attrs.field(factory=dict[str, list[Definition]])
    policies: dict[str, Policy] = attrs.field(factory=dict[str, Policy])
    consumables: dict[str, Consumable] = attrs.field(factory=dict[str, Consumable])
    jobs: dict[str, Job] = attrs.field(factory=dict[str, Job])
    to_stop: list[Job] = attrs.field(factory=list[Job])
    """Jobs that somebody has asked to end, until the scheduler has seen to it."""

    def arn(self, resource: str) -> str:
        """Return the Batch ARN of `resource`, such as `job-queue/lab`."""
        return f"arn:aws:batch:{self.name}:{self.account}:{resource}"


def _nothing_in_front(queue: Queue, most: int) -> Sequence[Job]:
    """Return no jobs: without a scheduler none is in any line."""
    del queue, most
    return ()


def _nothing_in_use(environment: Environment) -> float:
    """Return no vCPUs: without a scheduler nothing runs."""
    del environment
    return 0.0


@attrs.define(kw_only=True, eq=False)
class State:
    """The whole server's memory."""

    clock: ServerClock = attrs.field(factory=ServerClock)
    delays: Delays = attrs.field(factory=Delays.brief)
    account: str = "123456789012"
    lock: threading.RLock = attrs.field(factory=threading.RLock)
    forgot_at: float = 0.0
    """When finished jobs were last forgotten, in epoch seconds."""
    regions: dict[str, Region] = attrs.field(factory=dict[str, Region])
    front_of_queue: Callable[[Queue, int], Sequence[Job]] = _nothing_in_front
    """Tells the first RUNNABLE jobs of a queue, at most so many, in the order in which they are to start."""
    vcpus_in_use: Callable[[Environment], float] = _nothing_in_use
    """Tells how many vCPUs the jobs have that start or run in an environment."""

    @contextmanager
    def lagging(self, seconds: float) -> Generator[None]:
        """Show nothing, inside this, that is younger than that; everybody else waits meanwhile."""
        with self.lock:
            delays = self.delays
            self.delays = delays.lagging(seconds)
            try:
                yield
            finally:
                self.delays = delays

    def region(self, name: str) -> Region:
        """Return the region's records, made empty when first asked for."""
        if name not in self.regions:
            self.regions[name] = Region(account=self.account, name=name)
        return self.regions[name]
