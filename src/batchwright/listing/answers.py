"""What AWS lists of queues, in the fewest calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.selection import LISTED, Selection
from batchwright.listing.queues import Place, no_queue
from batchwright.side_by_side import go_on, read_each
from batchwright.translation import is_missing

LOOKS_MAX: Final = 7
"""Calls by name or time at the most, 100 jobs each, before a queue is listed by its statuses, 1,000 jobs a call."""
_ORDER: Final = {status: place for place, status in enumerate(LISTED)}

Answer = Mapping[str, Any]


@attrs.frozen
class Listing:
    """What AWS lists.

    Attributes:
        jobs: By job id, the queue's name and AWS's entry.
        queues: Names of the queues that were listed.
    """

    jobs: dict[str, tuple[str, Answer]]
    queues: frozenset[str]


def list_queues(session: Connection, places: Sequence[Place], selection: Selection, *, named: bool) -> Listing:
    """What AWS lists of these queues (`batch:ListJobs`), several queues at a time.

    A job that goes on meanwhile may be met twice, and counts in its later state.

    Args:
        session: Whose clients to use.
        places: The queues.
        selection: Which jobs are asked for; more may come.
        named: Whether the caller has named the queues, so that each of them has to be there.

    Raises:
        NotFoundError: A queue that was named does not exist.
    """
    filters = _filters(selection)
    if filters is None:
        left, looked = list(places), list[tuple[Place, list[Answer]]]()
    else:
        tasks = list(product(places, filters))
        looks = read_each(tasks, lambda task: _of_filter(session, task[0], task[1], selection, named=named))
        left = list(dict.fromkeys(place for (place, _), look in zip(tasks, looks, strict=True) if look is None))
        looked = [(place, look) for (place, _), look in zip(tasks, looks, strict=True) if look is not None]
    answers = read_each(left, lambda place: _of_statuses(session, place, selection.listed, named=named))
    looked += zip(left, answers, strict=True)
    return Listing(_merged(looked), frozenset(place.name for place in places))


def _merged(looked: Iterable[tuple[Place, Iterable[Answer]]]) -> dict[str, tuple[str, Answer]]:
    """Each job once, in the latest of the states in which it was met."""
    jobs: dict[str, tuple[str, Answer]] = {}
    for place, answer in looked:
        for job in answer:
            there = jobs.get(job["jobId"])
            if there is None or _order(there[1]) < _order(job):
                jobs[job["jobId"]] = (place.name, job)
    return jobs


def _order(job: Answer) -> int:
    return _ORDER.get(job.get("status", ""), 0)


def newest(session: Connection, places: Sequence[Place]) -> list[Answer]:
    """The newest hundred jobs of each queue, of every name and status: one call a queue."""
    anything = {"filters": [{"name": "AFTER_CREATED_AT", "values": ["0"]}]}
    return [
        job
        for place in places
        for page in islice(_pages(session, place, anything, named=False), 1)
        for job in page["jobSummaryList"]
    ]


def _filters(selection: Selection) -> list[Mapping[str, object]] | None:
    """What to filter by, since names and times are found sooner than statuses; None where lists are better.

    AWS takes one filter a call, and looks at no status then.
    """
    prefixes = selection.prefixes
    if selection.names and len(prefixes) <= LOOKS_MAX and all(part for part, _ in prefixes):
        return [{"name": "JOB_NAME", "values": [part if whole else f"{part}*"]} for part, whole in prefixes]
    if selection.since_s is not None:
        return [{"name": "AFTER_CREATED_AT", "values": [str(max(0, int(selection.since_s * 1000) - 1))]}]
    return None


def _of_filter(
    session: Connection, place: Place, wanted: Mapping[str, object], selection: Selection, *, named: bool
) -> list[Answer] | None:
    """The jobs that a filter finds; None where they are so many that lists by status take fewer calls."""
    found: list[Answer] = []
    for number, page in enumerate(_pages(session, place, {"filters": [wanted]}, named=named), start=1):
        found += page["jobSummaryList"]
        # The newest come first.
        if page["jobSummaryList"] and _is_older(page["jobSummaryList"][-1], selection.since_s):
            break
        if number == LOOKS_MAX and page.get("nextToken"):
            return None
    return found


def _is_older(job: Answer, since_s: float | None) -> bool:
    return since_s is not None and job.get("createdAt", 0) < since_s * 1000


def _of_statuses(session: Connection, place: Place, statuses: Iterable[str], *, named: bool) -> list[Answer]:
    """The jobs in these statuses, in the order of a job's life.

    One list after the other: of lists that are read side by side, a job that goes on meanwhile may be in none.
    """
    return [
        job
        for status in statuses
        for page in _pages(session, place, {"jobStatus": status}, named=named)
        for job in page["jobSummaryList"]
    ]


def _pages(session: Connection, place: Place, arguments: Mapping[str, object], *, named: bool) -> Iterator[Answer]:
    """The pages of one list; none of a queue that went while all queues were looked for."""
    from botocore.exceptions import ClientError

    token: Mapping[str, object] = {}
    while True:
        go_on()
        try:
            page = _page(session, place, {**arguments, **token})
        except ClientError as error:
            if not is_missing(error):
                raise
            if named:
                raise no_queue(session, place.name) from error
            return
        yield page
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def _page(session: Connection, place: Place, arguments: Mapping[str, object]) -> Answer:
    return cast("Answer", session.batch.list_jobs(jobQueue=place.reference, **cast("Any", arguments)))
