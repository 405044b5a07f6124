"""The verb of a session that says why something does not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batchwright.diagnosis.batch_facts import JOBS, jobs_of
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.running import Run
from batchwright.diagnosis.seeds import seeds_of
from batchwright.diagnosis.subjects import JobSubject, Subject
from batchwright.findings import Diagnosis
from batchwright.jobs.description import JobDescription
from batchwright.remembering import Remembers

JOBS_MAX: Final = 100
"""Unfinished jobs of a session that are diagnosed where none is named: as many as one DescribeJobs shows."""


class Diagnoses(Remembers):
    """A connection that says why something does not run."""

    def diagnose(self, *subjects: object, timeout_s: float | None = None) -> Diagnosis:
        """Why these do not run, or have failed: from facts that AWS tells, changing nothing.

        What these depend on is looked at too. A check that lacks a permission says which, and the others go on.

        Args:
            subjects: Jobs, job descriptions, queues, compute environments, volumes or other resources; with none, all
                that this session has ensured, and the newest hundred of its jobs that have not ended.
            timeout_s: Seconds after which nothing more is asked; by default there is no limit.

        Returns:
            The findings, in order; empty where all is well.
        """
        facts = Facts(self, timeout_s=timeout_s)
        run = Run(facts)
        seeds: list[Subject] = []
        for each in subjects or (*self._memory.resources(), *self._unfinished(run)):
            try:
                seeds.extend(seeds_of(facts, [each]))
            except UnreadableError as error:
                run.miss(error, f"all of {getattr(each, 'label', each)}")
        return run.look(seeds)

    def _unfinished(self, run: Run) -> list[JobDescription]:
        """The newest jobs that this session has submitted, as far as they have not ended."""
        try:
            jobs = jobs_of(run.facts, self._memory.job_ids()[-JOBS_MAX:])
        except UnreadableError as error:
            run.miss(error, "the jobs of this session")
            return []
        return [job for job in jobs.values() if not job.finished]

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
