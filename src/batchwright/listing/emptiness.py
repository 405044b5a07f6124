"""Why a list of jobs is empty: what there is that comes nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from batchwright.connection import Connection
from batchwright.jobs.selection import LISTED, Selection
from batchwright.listing.answers import Answer, Listing, newest
from batchwright.listing.queues import Place
from batchwright.nearest import did_you_mean

NAMED_MAX: Final = 3


def why_empty(
    session: Connection, places: Sequence[Place], selection: Selection, listing: Listing, names: Iterable[str]
) -> tuple[str, ...]:
    """What a reader of an empty list wants to know, in sentences.

    Args:
        session: Whose clients to use.
        places: The queues that were listed.
        selection: What was asked for.
        listing: What AWS listed for it.
        names: The names that rows have.
    """
    if not places:
        return (f"No job queue of namespace {session.namespace!r} exists in {session.region}.",)
    if not selection.names:
        return ()
    latest = newest(session, places)
    answers = {job["jobId"]: job for job in (*latest, *(answer for _, answer in listing.jobs.values()))}
    named = [job for job in answers.values() if selection.names_it(job["jobName"])]
    if named:
        return (_others(named),)
    known = {*names, *(job["jobName"] for job in answers.values())}
    if any(map(selection.names_it, known)):
        return ()  # only its row tells of it
    hints = tuple(dict.fromkeys(filter(None, (did_you_mean(pattern, known) for pattern in selection.names))))
    return hints or tuple(_latest(latest))


def _others(named: Sequence[Answer]) -> str:
    """Jobs of the name that was asked for, which are not what else was asked for."""
    counts = Counter(str(job.get("status", "")) for job in named)
    told = ", ".join(f"{counts[status]:,} {status}" for status in LISTED if counts[status])
    return f"So named there {'is' if len(named) == 1 else 'are'} {told}."


def _latest(latest: Sequence[Answer]) -> Iterable[str]:
    """What names look like here, where none comes near."""
    names = list(dict.fromkeys(job["jobName"] for job in latest))[:NAMED_MAX]
    if names:
        yield f"No name is like it; the newest {'is' if len(names) == 1 else 'are'} {', '.join(map(repr, names))}."
