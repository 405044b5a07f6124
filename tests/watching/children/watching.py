"""Watches jobs of an AWS inside this process: `watching.py NUMBER [PREFIX] [--ctrl-c SECONDS]`."""

import argparse

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock

parser = argparse.ArgumentParser()
parser.add_argument("number", type=int)
parser.add_argument("--prefix", default="sub-")
parser.add_argument("--ctrl-c", type=float, default=float("inf"))
arguments = parser.parse_args()

aws = InProcessAws()
interrupted_at = float("inf")


def sleep(seconds: float) -> None:
    """Let the account's time go by; somebody presses Ctrl-C meanwhile."""
    if aws.clock.now() >= interrupted_at:
        raise KeyboardInterrupt
    aws.advance(seconds)


session = BatchSession("test", boto3_session=aws.boto3_session(), clock=FakeClock(on_sleep=sleep, now=aws.clock.now))
jobs = [
    session.submit(
        f"job-{place}",
        image="busybox:1.36",
        command=["exit", "3"] if place == 1 else ["true"],
        environment={"BATCHWRIGHT_SCRIPT_SECONDS": str(5 * (place + 1))},
    )
    for place in range(arguments.number)
]
interrupted_at = aws.clock.now() + arguments.ctrl_c
print("BEFORE")
session.watch(jobs)
print("AFTER", *sorted({job.describe().status for job in jobs}))
