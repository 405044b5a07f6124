"""The revisions of a job definition: reading them in one call, and which of them have had their day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, cast

from batchwright.connection import Connection
from batchwright.ownership import OWNER_TAG, namespace_in, without_own
from batchwright.resources.definition_description import JobDefinitionDescription, newest

REVISIONS_KEPT: Final = 10
"""ACTIVE revisions that a definition of ours keeps: jobs on the way may name one, and 100 fit one answer of AWS."""
PAGE: Final = 100


def read_revisions(session: Connection, name: str) -> JobDefinitionDescription | None:
    """The newest ACTIVE revision of `name`, which knows the others; one call for every 100 of them."""
    pages = session.batch.get_paginator("describe_job_definitions").paginate(
        jobDefinitionName=name, status="ACTIVE", PaginationConfig={"PageSize": PAGE}
    )
    entries = [cast("Mapping[str, object]", entry) for page in pages for entry in page["jobDefinitions"]]
    return newest(entries, read_at=session.clock.now()) if entries else None


def owned_definitions(session: Connection) -> Iterator[JobDefinitionDescription]:
    """Each name once of which the session's namespace made an ACTIVE revision: the newest of these."""
    pages = session.batch.get_paginator("describe_job_definitions").paginate(
        status="ACTIVE", PaginationConfig={"PageSize": PAGE}
    )
    by_name: dict[str, list[Mapping[str, object]]] = {}
    for page in pages:
        for entry in page["jobDefinitions"]:
            if namespace_in(entry.get("tags", {})) == session.namespace:
                by_name.setdefault(entry["jobDefinitionName"], []).append(cast("Mapping[str, object]", entry))
    for entries in by_name.values():
        yield newest(entries, read_at=session.clock.now())


def deregister(session: Connection, revisions: Iterable[JobDefinitionDescription]) -> None:
    """Make these INACTIVE: jobs that were submitted with them run on (`batch:DeregisterJobDefinition`)."""
    for revision in revisions:
        session.batch.deregister_job_definition(jobDefinition=revision.arn)


def superseded(
    seen: JobDefinitionDescription, owned: Callable[[JobDefinitionDescription], bool]
) -> tuple[JobDefinitionDescription, ...]:
    """What to deregister once `seen` has a successor: ours beyond `REVISIONS_KEPT`, the successor counted."""
    ours = [each for each in (seen, *seen.older) if owned(each)]
    return tuple(ours[REVISIONS_KEPT - 1 :])


def tags_of_successor(
    wanted: Mapping[str, str], seen: JobDefinitionDescription, *, owned: bool, caller: Callable[[], str]
) -> dict[str, str]:
    """The tags of the revision that follows `seen`.

    A revision of ours says again whose it is. What is not ours stays with whom it belongs: it keeps its tags, and
    only the user's own are added.
    """
    if owned:
        return {**wanted, OWNER_TAG: seen.tags.get(OWNER_TAG) or caller()}
    kept = {key: value for key, value in seen.tags.items() if not key.startswith("aws:")}
    return {**kept, **without_own(wanted)}
