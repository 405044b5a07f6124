"""The verb of a session that says why something does not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batchwright.diagnosis.batch_facts import JOBS
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.running import Run
from batchwright.diagnosis.seeds import read_together, seeds_of
from batchwright.diagnosis.subjects import JobSubject, QueueSubject, Subject
from batchwright.findings import Diagnosis
from batchwright.jobs.description import UNFINISHED, JobDescription
from batchwright.jobs.listed import IN_AWS, ListedJob
from batchwright.listing.queues import own_places
from batchwright.listing.verb import ListsJobs

JOBS_MAX: Final = 100
"""Unfinished jobs that are diagnosed where none is named: as many as one DescribeJobs shows."""


class Diagnoses(ListsJobs):
    """A session that says why something does not run."""

    def diagnose(self, *subjects: object, timeout_s: float | None = None) -> Diagnosis:
        """Why these do not run, or have failed: from facts that AWS tells, changing nothing.

        What these depend on is looked at too. A check that lacks a permission says which, and the others go on.

        Args:
            subjects: Jobs, job descriptions, queues, compute environments, volumes or other resources; with none, all
                that this session has ensured, the queues of its namespace, and of the jobs in these that have not
                ended a hundred, those first that wait longest.
            timeout_s: Seconds after which nothing more is asked; by default there is no limit.

        Returns:
            The findings, in order; empty where all is well.
        """
        facts = Facts(self, timeout_s=timeout_s)
        run = Run(facts)
        seeds: list[Subject] = [] if subjects else [*self._own_queues(run)]
        given = subjects or (*self._memory.resources(), *self._unfinished(run))
        read_together(facts, given)
        for each in given:
            try:
                seeds.extend(seeds_of(facts, [each]))
            except UnreadableError as error:
                run.miss(error, f"all of {getattr(each, 'label', each)}")
        several = f"{seeds[0].label} and {len(seeds) - 1} more" if len(seeds) > 1 else ""
        return run.look(seeds, of=several if subjects else f"session {self.namespace!r}")

    def _own_queues(self, run: Run) -> list[QueueSubject]:
        """The queues of the namespace, whoever made them."""
        try:
            places = run.facts.fact("batch:DescribeJobQueues", "of the namespace", lambda: own_places(self, ()))
        except UnreadableError as error:
            run.miss(error, "the queues of this namespace")
            return []
        return [QueueSubject(place.name) for place in places or ()]

    def _unfinished(self, run: Run) -> list[ListedJob]:
        """Jobs that have not ended, whoever submitted them: those that do not run first, the oldest of these first."""
        try:
            listed = run.facts.fact("batch:ListJobs", "unfinished", lambda: self.jobs(status=UNFINISHED))
        except UnreadableError as error:
            run.miss(error, "the jobs of this namespace")
            return []
        there = [job for job in reversed(listed or ()) if job.known == IN_AWS]
        return sorted(there, key=lambda job: job.status == "RUNNING")[:JOBS_MAX]

    def diagnose_failure(self, job: JobDescription, last_lines: Sequence[str] = (), *, label: str = "") -> Diagnosis:
        """Why a job has FAILED, by what is known of it already: AWS is not asked.

        Args:
            job: Its description.
            last_lines: The last lines of its log.
            label: How findings name it.
        """
        facts = Facts(self, timeout_s=0)
        facts.put(JOBS, job.job_id, job)
        facts.last_lines[job.job_id] = tuple(last_lines)
        return Run(facts).look([JobSubject(job.job_id, label or f"job {job.name!r}")], around=False)
