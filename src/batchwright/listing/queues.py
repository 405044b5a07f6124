"""Which queues are meant, and what queues there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.errors import DeclarationError, NotFoundError
from batchwright.jobs.selection import OWNER
from batchwright.names_there import nearest_there
from batchwright.ownership import namespace_in
from batchwright.resources.job_queue import JobQueue

Queues = JobQueue | str | Iterable[JobQueue | str]
_ARN: Final = re.compile(r"arn:[\w-]+:batch:(?P<region>[\w-]+):\d*:job-queue/(?P<name>[\w-]+)")
_LEGAL: Final = "a JobQueue of this session, the name of a queue, its ARN, or several of these"


@attrs.frozen
class Place:
    """A queue to be listed.

    Attributes:
        name: Its name.
        reference: What AWS is asked with, its name or its ARN.
    """

    name: str
    reference: str


def places_of(session: Connection, queues: Queues) -> list[Place]:
    """The queues that a caller has named, each once; nobody is asked.

    Raises:
        DeclarationError: One of them is no queue, or of another session or region.
    """
    several = (queues,) if isinstance(queues, JobQueue | str) else queues
    if not isinstance(several, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
        raise DeclarationError(OWNER, "queue", queues, _LEGAL)
    places = {place.name: place for place in (_place(session, each) for each in several)}
    if not places:
        raise DeclarationError(OWNER, "queue", queues, _LEGAL)
    return list(places.values())


def _place(session: Connection, queue: object) -> Place:
    if isinstance(queue, JobQueue) and queue.session == session:
        return Place(queue.name, queue.name)
    if not isinstance(queue, str) or not queue:
        raise DeclarationError(OWNER, "queue", queue, _LEGAL)
    if not queue.startswith("arn:"):
        return Place(queue, queue)
    match = _ARN.fullmatch(queue)
    if match is None or match["region"] != session.region:
        raise DeclarationError(OWNER, "queue", queue, f"{_LEGAL}, in the session's region {session.region}")
    return Place(match["name"], queue)


def own_places(session: Connection, ensured: Iterable[str]) -> list[Place]:
    """The queues that the session's namespace made or that it has ensured (`batch:DescribeJobQueues`).

    Args:
        session: Whose queues.
        ensured: Names of the queues that the session has ensured.
    """
    known = frozenset(ensured)
    return [
        Place(queue["jobQueueName"], queue["jobQueueName"])
        for queue in _queues(session)
        if queue["jobQueueName"] in known or namespace_in(queue.get("tags") or {}) == session.namespace
    ]


def no_queue(session: Connection, name: str) -> NotFoundError:
    """The error for a queue that is not there; it names the nearest that are, if the caller may know them."""
    hint = nearest_there(session, JobQueue.kind, name)
    return NotFoundError(
        f"job queue {name!r} does not exist in {session.region}.",
        hint=hint or "session.inventory() shows the queues of this namespace.",
    )


def _queues(session: Connection) -> Iterator[Mapping[str, Any]]:
    for page in session.batch.get_paginator("describe_job_queues").paginate():
        for queue in cast("list[Mapping[str, Any]]", page["jobQueues"]):
            if queue.get("status") not in JobQueue.states.gone:
                yield queue
