"""How long everything takes to be there the first time, in the time of a local AWS with AWS's own delays.

No time is slept through: it jumps to the next moment that anybody waits for as soon as everybody waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3

from batchwright import BatchSession
from batchwright.connection import Connection
from batchwright.local import Delays, InProcessAws
from benchmarks import older
from benchmarks.warm import REGION, command, definition

QUIET_S: Final = 0.002
"""How long a look at this process takes that finds it idle, and how much processor time counts as idle."""
QUIET_LOOKS: Final = 3
IDLE_SHARE: Final = 0.15


class Virtual:
    """A clock for many threads: it stands still while anybody works."""

    def __init__(self, aws: InProcessAws) -> None:
        self._aws, self._changed = aws, threading.Condition()
        self._wakes: list[float] = []

    def now(self) -> float:
        """The time of the local AWS."""
        return self._aws.clock.now()

    monotonic = now

    def sleep(self, seconds: float, /) -> None:
        """Wait until the time has come."""
        with self._changed:
            wake = self.now() + max(seconds, 0.0)
            self._wakes.append(wake)
            self._changed.wait_for(lambda: self.now() >= wake)
            self._wakes.remove(wake)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the time go on for as long as the block lasts."""
        over = threading.Event()
        mover = threading.Thread(target=self._move, args=(over,), name="clock")
        mover.start()
        try:
            yield
        finally:
            over.set()
            mover.join()

    def _move(self, over: threading.Event) -> None:
        quiet = 0
        while not over.is_set():
            cpu, wall = time.process_time(), time.perf_counter()
            over.wait(QUIET_S)
            busy = (time.process_time() - cpu) / (time.perf_counter() - wall)
            quiet = quiet + 1 if busy < IDLE_SHARE else 0
            if quiet >= QUIET_LOOKS:
                self._jump()
                quiet = 0

    def _jump(self) -> None:
        with self._changed:
            due = min(self._wakes, default=0.0) - self.now()
            if due > 0:
                self._aws.advance(due)
            self._changed.notify_all()


def longest_chain(delays: Delays, *, volume: bool) -> float:
    """The longest row of AWS's own delays, each of which can begin only when the one before is over."""
    queue = delays.iam_propagation_s + delays.environment_s + delays.queue_s
    mounted = delays.file_system_s + delays.mount_target_s + Connection.file_system_dns_s if volume else 0.0
    return max(queue, mounted, delays.table_s)


def ours(*, volume: bool) -> float:
    """Seconds until a job is submitted on an empty account."""
    aws = InProcessAws(delays=Delays.realistic())
    clock = Virtual(aws)
    with BatchSession("bench", boto3_session=aws.boto3_session(REGION), clock=clock) as session, clock.running():
        began = clock.now()
        job = session.batch_job(name="first", definition=definition(session, volume=volume), command=command("first"))
        session.ensure(job)
        took = clock.now() - began
    aws.close()
    return took


def theirs(*, volume: bool) -> float:
    """The same of the older function, with the instance profile there already, as it took for granted."""
    aws = InProcessAws(delays=Delays.realistic())
    make: Any = aws.boto3_session(REGION)
    make.client("iam").create_instance_profile(InstanceProfileName="ecsInstanceRole")
    aws.advance(3600.0)
    groups, subnets = _default_network(make)
    around = older.Surroundings(
        client=make.client, resource=make.resource, pause=aws.advance, groups=groups, subnets=subnets
    )
    began = aws.clock.now()
    older.submit(around, "first", command=command("first"), volume="bench" if volume else None)
    took = aws.clock.now() - began
    aws.close()
    return took


def _default_network(session: boto3.Session) -> tuple[list[str], list[str]]:
    ec2: Any = session.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    of_vpc = {"Name": "vpc-id", "Values": [vpc]}
    default = {"Name": "group-name", "Values": ["default"]}
    groups = ec2.describe_security_groups(Filters=[of_vpc, default])["SecurityGroups"]
    subnets = ec2.describe_subnets(Filters=[of_vpc])["Subnets"]
    return [group["GroupId"] for group in groups], [subnet["SubnetId"] for subnet in subnets]


def first_ensure(volume: str) -> dict[str, float]:
    """The two, and what AWS itself takes, in seconds."""
    mounting = volume == "volume"
    chain = longest_chain(Delays.realistic(), volume=mounting)
    return {"chain_s": chain, "ours_s": ours(volume=mounting), "older_s": theirs(volume=mounting)}
