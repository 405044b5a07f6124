"""Which job of a call waits for which other: those it depends on, and itself where it is named twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

from batchwright.errors import BatchwrightError, ConflictError
from batchwright.graph import in_order
from batchwright.jobs.description import JobDescription
from batchwright.many_submissions.entry import Entry
from batchwright.memory import Memory
from batchwright.resources.batch_job import BatchJob


class Board:
    """The jobs that are on their way, and what has become of those that others may still wait for.

    Args:
        memory: What the session has submitted before.
        start: Called with each entry once it waits for nothing any more.
    """

    def __init__(self, memory: Memory, start: Callable[[Entry], None]) -> None:
        self._memory, self._start = memory, start
        self.changed = threading.Condition()
        """Notified whenever an entry is done."""
        self._active: dict[str, Entry] = {}
        self._ahead: dict[str, Entry] = {}  # what others depend on, until the caller names it too
        self._failed: dict[str, BatchwrightError] = {}
        self._found: dict[str, JobDescription] = {}
        self._untracked: dict[str, str] = {}

    def add(self, job: BatchJob, prepare: Callable[[Entry], None]) -> Entry:
        """Take in a job, and before it those that it depends on and nobody has submitted yet.

        Args:
            job: The job.
            prepare: Called with each new entry before it is started; may give it an error.
        """
        again = self._named_before(job)
        if again is not None:
            return again
        wanted = Entry(job)
        for each in in_order([job], self._unknown_jobs) if wanted.jobs() else [job]:
            entry = wanted if each == job else Entry(each)
            if entry is not wanted:
                self._ahead[entry.key] = entry
            prepare(entry)
            self._enter(entry)
        return wanted

    def finish(self, entry: Entry) -> bool:
        """It is submitted, or there is an error; false if those that depend on it need its description first."""
        with self.changed:
            if entry.followers and entry.error is None and entry.description is None:
                return False
            ready = self._closed(entry)
            self.changed.notify_all()
        for each in ready:
            self._start(each)
        return True

    # --- what comes in --------------------------------------------------------------------------------------------

    def _named_before(self, job: BatchJob) -> Entry | None:
        """The entry for a job that this call knows already."""
        with self.changed:
            ahead = self._ahead.pop(job.submission_id, None)
            there = ahead or self._active.get(job.submission_id)
            untracked = self._untracked.get(job.submission_id)
        if there is None:
            return None if untracked is None else Entry(job, job_id=untracked, done=True)
        if there.job is not job and there.job.wish() != job.wish():
            return Entry(job, error=given_otherwise(job), done=True)
        return there if ahead is not None else self._twin(job, there)

    def _twin(self, job: BatchJob, there: Entry) -> Entry:
        twin = Entry(job)
        with self.changed:
            if there.done:
                _end_as(twin, there)
            else:
                there.twins.append(twin)
        return twin

    def _unknown_jobs(self, job: BatchJob) -> list[BatchJob]:
        return [other for other in Entry(job).jobs() if not self._knows(other)]

    def _knows(self, job: BatchJob) -> bool:
        key = job.submission_id
        return key in self._active or key in self._failed or self._description(job) is not None

    def _description(self, job: BatchJob) -> JobDescription | None:
        known = self._memory.known({job: ()})
        return known[job] if job in known else self._found.get(job.submission_id)

    def _enter(self, entry: Entry) -> None:
        with self.changed:
            self._active[entry.key] = entry
            self._failed.pop(entry.key, None)
            for other in entry.jobs():
                self._wait_for(entry, other)
            is_waiting = entry.waits_for > 0
        if is_waiting:
            return
        if entry.error is None:
            self._start(entry)
        else:
            self.finish(entry)

    def _wait_for(self, entry: Entry, other: BatchJob) -> None:
        there, description = self._active.get(other.submission_id), self._description(other)
        if there is not None:
            there.followers.append(entry)
            entry.waits_for += 1
        elif other.submission_id in self._failed:
            entry.error = _held_back(entry.job, other, self._failed[other.submission_id])
        elif description is not None:
            entry.known.put(other, description)

    # --- what is over ---------------------------------------------------------------------------------------------

    def _closed(self, entry: Entry) -> list[Entry]:
        """Close it, and those that depend on it where it failed; those that can be started now."""
        ready: list[Entry] = []
        over = [entry]
        while over:
            each = over.pop()
            self._note(each)
            for twin in each.twins:
                _end_as(twin, each)
            for follower in each.followers:
                follower.waits_for -= 1
                if each.error is not None:
                    follower.error = _held_back(follower.job, each.job, each.error)
                elif each.description is not None:
                    follower.known.put(each.job, each.description)
                if not follower.waits_for:
                    (ready if follower.error is None else over).append(follower)
        return ready

    def _note(self, entry: Entry) -> None:
        entry.done = True
        self._active.pop(entry.key, None)
        if entry.error is not None:
            self._failed[entry.key] = entry.error
            return
        if entry.job.tracker is None:
            self._untracked[entry.key] = entry.job_id
        if entry.created:
            self._memory.remember_job(entry.job, entry.job_id)
        elif entry.description is not None:
            self._found[entry.key] = entry.description


def _end_as(twin: Entry, there: Entry) -> None:
    twin.job_id, twin.error, twin.done = there.job_id, there.error, True


def given_otherwise(job: BatchJob) -> ConflictError:
    """The error for a job whose submission id was given to another declaration in the same call."""
    return ConflictError(
        f"{job.label}: another declaration of submission {job.submission_id!r} was given before in the same call.",
        resource=job,
        hint="To run both, give one of them another name, or run=2.",
    )


def _held_back(job: BatchJob, other: BatchJob, reason: BatchwrightError) -> BatchwrightError:
    error = BatchwrightError(
        f"{job.label} in {job.session.region}: not submitted, since {other.label}, which it depends on, was not.",
        resource=job,
        hint="Once that one can be submitted, the same call submits both.",
    )
    error.__cause__ = reason
    return error
