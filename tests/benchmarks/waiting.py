"""What waiting for many jobs costs: requests, and the most memory that the process held meanwhile."""

from __future__ import annotations

import math
import resource
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from batchwright.testing import FakeClock
from benchmarks.server import Server
from benchmarks.warm import definition, warm_session

LOOKS: Final = 3
"""A third of the jobs has ended at every look."""


def expected_calls(count: int) -> int:
    """DescribeJobs requests of all looks: a hundred a request, and only of what has not ended."""
    unfinished = (sum(index % LOOKS >= look for index in range(count)) for look in range(LOOKS))
    return sum(math.ceil(left / 100) for left in unfinished)


def _ours(url: str, world: str, count: int) -> tuple[object, Callable[[], Iterator[str]]]:
    """The declared jobs, and waiting for them as they end; another one was waited for, so that all is loaded."""
    session = warm_session(url, Path(world), clock=FakeClock(start=time.time()))
    shared = definition(session)
    *jobs, other = (session.batch_job(name=f"premade-{index}", definition=shared) for index in range(count + 1))
    list(session.as_completed(other))
    return jobs, lambda: (description.status for _, description in session.as_completed(jobs))


def _bare(url: str, world: str, count: int) -> tuple[object, Callable[[], Iterator[str]]]:
    """The ids, and plain boto3 asking for a hundred at a time until all have ended; loaded as above."""
    import boto3

    batch: Any = boto3.client("batch", endpoint_url=url)
    *ids, other = (f"premade-{index}" for index in range(count + 1))
    batch.describe_jobs(jobs=[other])

    def wait() -> Iterator[str]:
        seen: dict[str, Any] = {}
        while left := [job_id for job_id in ids if seen.get(job_id, {}).get("status") != "SUCCEEDED"]:
            for start in range(0, len(left), 100):
                for job in batch.describe_jobs(jobs=left[start : start + 100])["jobs"]:
                    seen[job["jobId"]] = job
        return (job["status"] for job in seen.values())

    return ids, wait


def wait(who: str, url: str, world: str, count: str, traced: str) -> dict[str, Any]:
    """Wait for `count` jobs that are there already; memory is what waiting adds to the declared jobs.

    Tracing every allocation slows all down, so that the memory of the process is another run.
    """
    jobs, begin = (_ours if who == "ours" else _bare)(url, world, int(count))
    server = Server(url)
    before, cpu, held = server.seen()["calls"], time.process_time(), _resident_kib()
    if traced:
        tracemalloc.start()
    statuses = [0, 0]
    for status in begin():
        statuses[status != "SUCCEEDED"] += 1
    peak = tracemalloc.get_traced_memory()[1] if traced else 0
    tracemalloc.stop()
    after = server.seen()["calls"]
    del jobs
    return {
        "succeeded": statuses[0],
        "others": statuses[1],
        "expected_calls": expected_calls(int(count)),
        "calls": {name: number - before.get(name, 0) for name, number in after.items() if number > before.get(name, 0)},
        "cpu_s": time.process_time() - cpu,
        "traced_bytes": peak,
        "resident_bytes": (_resident_kib(peak=True) - held) * 1024,
    }


def _resident_kib(*, peak: bool = False) -> int:
    """KiB of memory that the process holds, or has held at the most."""
    if peak:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
