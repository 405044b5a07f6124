"""Equal jobs as one array job, with a row for each."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from itertools import groupby
from typing import Final

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.many_submissions.entry import Entry
from batchwright.many_submissions.fold import Fold
from batchwright.many_submissions.result import SubmitResult
from batchwright.many_submissions.stream import checked, submit_many
from batchwright.many_submissions.surroundings import Surroundings
from batchwright.memory import Memory
from batchwright.resources.batch_job import BatchJob

CHILDREN_MAX: Final = 10_000
ARRAYS_AHEAD: Final = 20


def submit_folded(session: Connection, memory: Memory, jobs: Iterable[BatchJob]) -> Generator[SubmitResult]:
    """Submit each job once, neighbours that are equal but for their names as one array; see `submit_many`."""
    folds: deque[Fold] = deque()
    stream = submit_many(session, memory, _sent(folds, memory, checked(session, jobs)), ahead=ARRAYS_AHEAD)
    try:
        for result in stream:
            yield from _over(folds)
            folds[0].take(result)
            yield from _over(folds)
        yield from _over(folds)
    finally:
        stream.close()
        for fold in folds:
            fold.settle()


def _over(folds: deque[Fold]) -> Iterator[SubmitResult]:
    """The results of the folds at the head that wait for nothing more."""
    while folds and not folds[0].waits:
        yield from folds.popleft().results()


def _sent(folds: deque[Fold], memory: Memory, jobs: Iterator[BatchJob]) -> Iterator[BatchJob]:
    """What is submitted in place of `jobs`."""
    surroundings = Surroundings(memory)
    for group in _groups(jobs):
        fold = Fold(group, {job.submission_id: before for job in group for before in folds if before.holds(job)})
        folds.append(fold)
        try:
            with group[0].translated():
                if len(group) > 1:
                    surroundings.describe(entry := Entry(group[0]))
                    fold.begin(entry.known)
                else:
                    fold.alone(fold.own)
        except BatchwrightError as error:
            fold.fail(error)
        yield from fold.sent


def _groups(jobs: Iterator[BatchJob]) -> Iterator[list[BatchJob]]:
    failed: list[Exception] = []
    for key, equal in groupby(_until_failure(jobs, failed), _key):
        group: list[BatchJob] = []
        for job in equal:
            group.append(job)
            if key is None or len(group) == CHILDREN_MAX:
                yield group
                group = []
        if group:
            yield group
    for error in failed:
        raise error


def _until_failure(jobs: Iterator[BatchJob], failed: list[Exception]) -> Iterator[BatchJob]:
    """The jobs; what the caller's iterable raises is kept until those before it are on their way."""
    try:
        yield from jobs
    except Exception as error:
        failed.append(error)


def _key(job: BatchJob) -> object:
    """Equal for jobs that differ in their names only; None for what cannot be a child."""
    if job.array_size is not None or job.run_at_most_once or job.tracker is None:
        return None
    nameless = attrs.evolve(job, name="equal", run=1, submission_id=None)
    return type(job), nameless.wish(), job.tracker, dict(job.tags), job.patience
