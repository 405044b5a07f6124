"""Why a list of jobs is empty: what there is that comes nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batchwright.connection import Connection
from batchwright.jobs.selection import Selection
from batchwright.listing.answers import newest
from batchwright.listing.queues import Place
from batchwright.nearest import did_you_mean


def why_empty(
    session: Connection, places: Sequence[Place], selection: Selection, names: Iterable[str]
) -> tuple[str, ...]:
    """What a reader of an empty list wants to know, in sentences.

    Args:
        session: Whose clients to use.
        places: The queues that were listed.
        selection: What was asked for.
        names: The names that rows have.
    """
    if not places:
        return (f"No job queue of namespace {session.namespace!r} exists in {session.region}.",)
    if not selection.names:
        return ()
    known = {*names, *(job["jobName"] for job in newest(session, places))}
    hints = (did_you_mean(pattern, known) for pattern in selection.names)
    return tuple(dict.fromkeys(filter(None, hints)))
