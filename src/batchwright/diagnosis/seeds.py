"""What a user hands to `diagnose()`, as what rules look at."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

from batchwright.diagnosis.batch_facts import DEFINITIONS, JOBS, LIST, job_of, jobs_of
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.subjects import (
    DefinitionSubject,
    EnvironmentSubject,
    JobSubject,
    QueueSubject,
    ResourceSubject,
    Subject,
    VolumeSubject,
    name_in,
)
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import JobDescription
from batchwright.jobs.listed import IN_AWS, ListedJob
from batchwright.lifecycle import Resource
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.job_reading import looked_for

_ROW: Final = "dynamodb:GetItem"
_FILE_SYSTEMS: Final = "elasticfilesystem:DescribeFileSystems"


def seeds_of(facts: Facts, given: Iterable[object]) -> Iterator[Subject]:
    """The subject of each.

    Raises:
        TypeError: Of one of them there is nothing to say.
    """
    for each in given:
        if isinstance(each, JobDescription):
            if each.finished:
                facts.put(JOBS, each.job_id, each)  # it does not change any more
            yield JobSubject(each.job_id, f"job {each.name!r}")
        elif isinstance(each, Submittable):
            yield from _of_job(facts, each)
        elif isinstance(each, Iterable) and not isinstance(each, str):
            yield from seeds_of(facts, cast("Iterable[object]", each))
        elif isinstance(each, Resource):
            yield _of_resource(facts, cast("Any", each))
        else:
            raise TypeError(f"diagnose() takes jobs and resources of a session, not {_told(each)}")


def _told(given: object) -> str:
    """What was given instead, and of a name the way to what it is the name of."""
    if not isinstance(given, str):
        return type(given).__name__
    return f"names or ids: session.jobs(name={given!r}) finds the jobs of a name, session.job_queue(name=...) a queue"


def read_together(facts: Facts, given: Iterable[object]) -> None:
    """Ask for all listed jobs at once; what AWS refuses is told where it is used."""
    lists = [cast("Sequence[object]", each) if isinstance(each, Sequence) else (each,) for each in given]
    jobs = [each for some in lists for each in some if isinstance(each, ListedJob) and each.known == IN_AWS]
    with contextlib.suppress(UnreadableError):
        jobs_of(facts, [job.job_id() for job in jobs])


def _of_job(facts: Facts, job: Submittable) -> Iterator[Subject]:
    """It; what AWS does not show may be so new that it cannot, or known from its row only."""
    job_id = facts.fact(_ROW, job, job.job_id) or ""
    if not job_id and isinstance(job, BatchJob):  # the table may be gone, and to submit it again would run it twice
        listed = facts.fact(LIST, ("looked for", job), lambda: looked_for(job))
        job_id = listed.job_id if listed else ""
        if job_id:
            facts.note(f"{job.label} has no row, and its queue lists it as {job_id}: ensure() would run it once more")
    label = f"{job.label} ({job_id})" if isinstance(job, ListedJob) else job.label  # names come again in a list
    if job_id and job_of(facts, job_id) is None:
        recorded = facts.fact(_ROW, ("row of", job), job.forgotten)
        if recorded is None:
            facts.note(f"{label} was submitted a moment ago, and AWS does not show it yet")
            return
        facts.put(JOBS, job_id, recorded)
    yield JobSubject(job_id, label)


def _of_resource(facts: Facts, resource: Resource[Any]) -> Subject:
    if isinstance(resource, JobQueue):
        return QueueSubject(resource.name)
    if isinstance(resource, ComputeEnvironment):
        return EnvironmentSubject(resource.name)
    if isinstance(resource, JobDefinition):
        definition = facts.fact(DEFINITIONS, resource.label, resource.describe)
        return DefinitionSubject(name_in(definition.arn)) if definition else ResourceSubject(resource)
    if isinstance(resource, EfsVolume):
        volume = facts.fact(_FILE_SYSTEMS, resource.label, resource.describe)
        return VolumeSubject(volume.file_system_id, resource.label) if volume else ResourceSubject(resource)
    return ResourceSubject(resource)
