"""What the children do: one call each of those that may be interrupted, and looking at what came of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
from world import world

from batchwright import AccessPoint, BatchSession, UnfinishedJobError
from batchwright.many import graph_of
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.consumable_resource import client_knows
from batchwright.resources.network import DefaultNetwork

IMAGE = "python:3.13-slim"
LASTING = {"BATCHWRIGHT_SCRIPT_SECONDS": "3600"}
"""Keeps a job from ending by itself."""
UUID_HYPHENS = 4
Arm = Callable[..., None]


def job_of(session: BatchSession, name: str = "sub-01") -> BatchJob:
    """A job that needs one of every kind."""
    policy = session.scheduling_policy(name="fair", shares={"reads": 1.0})
    queue = session.job_queue(name="lab", scheduling_policy=policy)
    point = AccessPoint(path="/reads", uid=1000, gid=1000)
    scratch = session.efs_volume(name="scratch", access_point=point, retain=False)
    convert = session.job_definition(name="convert", image=IMAGE, volumes={"/mnt/efs": scratch})
    return session.batch_job(
        name=name,
        definition=convert,
        queue=queue,
        command=["convert"],
        environment=LASTING,
        share_identifier="reads",
        timeout_s=600,
    )


def full_set(session: BatchSession) -> list[Any]:
    """Every kind: environments of EC2 and Fargate, queues, policy, definition, volume, table, roles, group, a job."""
    declared = graph_of([job_of(session), session.defaults.fargate_queue, session.defaults.execution_role])
    return [each for each in declared if not isinstance(each, DefaultNetwork)]


def full(session: BatchSession, arm: Arm) -> str:
    """`session.ensure(full set)`."""
    arm()
    report = session.ensure(*full_set(session))
    return next(str(ensured.description.job_id) for each, ensured in report.items() if isinstance(each, BatchJob))


def full_in_threads(session: BatchSession, arm: Arm) -> list[str]:
    """The same in sixteen threads, with a session each."""

    def alone(_: int) -> str:
        own = BatchSession(session.namespace, submission=session.submission, clock=session.clock)
        own.file_system_dns_s = 0.0
        own._clients.update(session._clients)
        return full(own, arm)

    with ThreadPoolExecutor(16) as pool:
        return sorted(set(pool.map(alone, range(16))))


def delete(session: BatchSession, arm: Arm) -> None:
    """`session.delete(full set)`, the table included."""
    going = [attrs.evolve(each, retain=False) if each.kind == "status tracker" else each for each in full_set(session)]
    arm()
    session.delete(*going)


def small_set(session: BatchSession) -> list[Any]:
    """A secret in each store, and units where boto3 knows them: nothing else needs these."""
    secrets = [session.stored_secret(name="key", store=store, value="swordfish") for store in ("secretsmanager", "ssm")]
    units = [session.consumable_resource(name="licences", total_quantity=3)] if client_knows() else []
    return [*secrets, *units]


def small(session: BatchSession, arm: Arm) -> None:
    """`session.ensure()` of secrets and units."""
    arm()
    session.ensure(*small_set(session))


def delete_small(session: BatchSession, arm: Arm) -> None:
    """`session.delete()` of secrets and units."""
    arm()
    session.delete(*small_set(session))


def job(session: BatchSession, arm: Arm) -> str:
    """`job.ensure()` where all that it needs is there, as it looks for itself."""
    convert = session.job_definition(name="convert", image=IMAGE)
    declared = session.batch_job(name="sub-01", definition=convert, command=["convert"], environment=LASTING)
    session.ensure(*declared.dependencies())
    arm()
    return declared.ensure().description.job_id


def submit(session: BatchSession, arm: Arm, name: str = "sub-01") -> str:
    """`session.submit()` where nothing is there."""
    arm()
    job = session.submit(
        name,
        image=IMAGE,
        command=["convert"],
        environment=LASTING,
        volumes={"/mnt/efs": "scratch"},
        submission_id=f"lab/{name}",
    )
    arm(False)
    return job.job_id()


def submit_warm(session: BatchSession, arm: Arm) -> str:
    """`session.submit()` where this session has ensured all that it needs."""
    defaults = session.defaults
    session.ensure(session.job_definition(image=IMAGE), defaults.job_queue, defaults.tracker)
    arm()
    job = session.submit("sub-01", image=IMAGE, command=["convert"], environment=LASTING, submission_id="lab/sub-01")
    arm(False)
    return job.job_id()


def submit_by_name(session: BatchSession, arm: Arm) -> str:
    """The same, known by its name alone: refused while the job of the name has not ended, which is then named."""
    defaults = session.defaults
    session.ensure(session.job_definition(image=IMAGE), defaults.job_queue, defaults.tracker)
    arm()
    try:
        job = session.submit("sub-01", image=IMAGE, command=["convert"], environment=LASTING)
    except UnfinishedJobError as refused:
        return next(word for word in str(refused).split() if word.count("-") == UUID_HYPHENS)
    arm(False)
    return job.job_id()


def look(session: BatchSession, arm: Arm) -> dict[str, Any]:
    """All that there is."""
    return world(session)


_ALL = (full, full_in_threads, delete, small, delete_small, job, submit, submit_warm, submit_by_name, look)
SCENARIOS: dict[str, Callable[..., Any]] = {each.__name__: each for each in _ALL}
