"""What is measured, each in a fresh process: `python -m benchmarks.tasks <task> <arguments>` prints its figures."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.server import Server

Told = dict[str, Any]
WARM_UP: Final = 10


def _bare(url: str) -> Callable[[str], str]:
    """Plain boto3: one client, one request a job."""
    import boto3

    from benchmarks.warm import command

    batch = boto3.client("batch", endpoint_url=url)

    def submit(name: str) -> str:
        overrides = {"command": command(name), "environment": [{"name": "NAME", "value": name}]}
        return batch.submit_job(jobName=name, jobQueue="bench", jobDefinition="bench:1", containerOverrides=overrides)[
            "jobId"
        ]

    return submit


def _older(url: str, *, volume: bool) -> Callable[[str], str]:
    """The older function."""
    import boto3

    from benchmarks import older
    from benchmarks.warm import VOLUME, command

    around = older.Surroundings(
        client=lambda service: boto3.client(service, endpoint_url=url),
        resource=lambda service: boto3.resource(service, endpoint_url=url),
        pause=time.sleep,
        table="bench-jobs",
    )
    return lambda name: older.submit(around, name, command=command(name), volume=VOLUME if volume else None)


def _submit(url: str, world: str, *, volume: bool) -> Callable[[str], str]:
    """`session.submit`, as a user calls it."""
    from benchmarks.warm import IMAGE, VOLUME, command, warm_session

    session = warm_session(url, Path(world))
    volumes: dict[str, Any] = {"/mnt/efs": VOLUME} if volume else {}
    return lambda name: session.submit(name, image=IMAGE, command=command(name), volumes=volumes).submission_id


def one_at_a_time(who: str, url: str, world: str, count: str, volume: str) -> Told:
    """Submit `count` jobs in a plain loop."""
    mounting = volume == "volume"
    if who == "ours":
        submit = _submit(url, world, volume=mounting)
    else:
        submit = _bare(url) if who == "bare" else _older(url, volume=mounting)
    for index in range(WARM_UP if who != "older" else 1):
        submit(f"warm-{index}")
    return _timed(url, lambda: [submit(f"job-{index}") for index in range(int(count))])


def many(url: str, world: str, count: str) -> Told:
    """Submit `count` jobs by one `session.submit_many`."""
    from benchmarks.warm import jobs, warm_session

    session = warm_session(url, Path(world))

    def submit(prefix: str, number: int) -> list[str]:
        declared = jobs(session, (f"{prefix}-{index}" for index in range(number)))
        return [str(result.job_id) for result in session.submit_many(declared) if _succeeded(result.error)]

    submit("warm", WARM_UP)
    return _timed(url, lambda: submit("job", int(count)))


def _succeeded(error: Exception | None) -> bool:
    if error is not None:
        raise error
    return True


def _timed(url: str, work: Callable[[], list[str]]) -> Told:
    """Time and CPU time of `work`, and what the server saw of it."""
    server = Server(url)
    before, wall, cpu = server.seen(), time.perf_counter(), time.process_time()
    done = work()
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
    after = server.seen()
    calls = {name: count - before["calls"].get(name, 0) for name, count in after["calls"].items()}
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "done": len(done),
        "calls": {name: count for name, count in calls.items() if count},
        "server_cpu_s": after["cpu_s"] - before["cpu_s"],
        **{name: after[name] - before[name] for name in ("jobs", "submissions", "doubled", "recorded", "refused")},
        "neighbour_took": after["neighbour_took"],
    }


def world(path: str) -> Told:
    """Keep what a warm account shows."""
    from benchmarks.warm import save_world

    save_world(Path(path))
    return {}


def wait(*arguments: str) -> Told:
    """Wait for jobs that are there; see `benchmarks.waiting`."""
    from benchmarks.waiting import wait

    return wait(*arguments)


def listing(*arguments: str) -> Told:
    """List jobs that are there; see `benchmarks.listing`."""
    from benchmarks.listing import listing

    return listing(*arguments)


def first_ensure(volume: str) -> Told:
    """Make everything; see `benchmarks.provisioning`."""
    from benchmarks.provisioning import first_ensure

    return {**first_ensure(volume)}


TASKS: Final[dict[str, Callable[..., Told]]] = {
    "world": world,
    "one-at-a-time": one_at_a_time,
    "many": many,
    "wait": wait,
    "listing": listing,
    "first-ensure": first_ensure,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
