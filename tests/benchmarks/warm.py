"""A session that has ensured everything already, without the local AWS in the process that is measured."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from batchwright import BatchJob, BatchSession, Clock, JobDefinition, SystemClock
from batchwright.many import graph_of

REGION: Final = "us-east-2"
IMAGE: Final = "ghcr.io/lab/convert:2.1"
VOLUME: Final = "bench"


def definition(session: BatchSession, *, volume: bool = False) -> JobDefinition:
    """What every job of the benchmarks runs."""
    volumes = {"/mnt/efs": session.efs_volume(name=VOLUME)} if volume else {}
    return session.job_definition(image=IMAGE, vcpus=1, memory_gib=2, volumes=volumes, platform="EC2")


def command(name: str) -> list[str]:
    """The command of one job, of the length that real ones have."""
    return ["convert", "--input", f"s3://lab/raw/{name}", "--output", f"s3://lab/done/{name}"]


def jobs(session: BatchSession, names: Iterable[str]) -> Iterator[BatchJob]:
    """Jobs of one definition."""
    shared = definition(session)
    return (session.batch_job(name=name, definition=shared, command=command(name)) for name in names)


def _all(session: BatchSession) -> tuple[Any, ...]:
    plain, mounting = definition(session), definition(session, volume=True)
    return plain, mounting, session.defaults.job_queue, session.defaults.tracker


def save_world(path: Path) -> None:
    """Ensure everything on an AWS inside this process, and keep what it then shows."""
    from batchwright.local import InProcessAws

    aws = InProcessAws()
    with BatchSession("bench", boto3_session=aws.boto3_session(REGION), clock=aws.session_clock()) as session:
        report = session.ensure(*_all(session))
        world = {(resource.kind, resource.name): ensured.description for resource, ensured in report.items()}
    aws.close()
    path.write_bytes(pickle.dumps(world))


def warm_session(url: str, path: Path, *, clock: Clock | None = None) -> BatchSession:
    """A session on the yardstick that trusts what `save_world` has seen, as after an `ensure()` of its own."""
    session = BatchSession("bench", region=REGION, endpoint_url=url, clock=clock or SystemClock())
    world = pickle.loads(path.read_bytes())
    session._memory.remember({resource: world[resource.kind, resource.name] for resource in graph_of(_all(session))})
    return session
