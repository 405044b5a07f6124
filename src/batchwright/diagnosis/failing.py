"""What a class of failures is, and how a job that FAILED is known to be in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from batchwright.jobs.description import JobDescription

ECS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"
BATCH: Final = "https://docs.aws.amazon.com/batch/latest/userguide"
API: Final = "https://docs.aws.amazon.com/batch/latest/APIReference"
PULL_PAGE: Final = f"{ECS}/task_cannot_pull_image.html"
STATES_PAGE: Final = f"{BATCH}/job_states.html"
_FORMAT_ERROR: Final = "exec format error"

Test = Callable[[JobDescription, str, Sequence[str]], bool]


@attrs.frozen
class Failure:
    """One class of failures.

    Attributes:
        id: The rule's id.
        says: What is the matter, for the list of rules and after the job's label in a finding.
        fix: What to do.
        test: Whether a job is in it, by its description, what AWS says of it, and the last lines of its log.
        source: The page of AWS's documentation.
    """

    id: str
    says: str
    fix: str
    test: Test
    source: str = STATES_PAGE


def said_of(job: JobDescription) -> str:
    """What AWS says of its end: the status reason and the container's, the newest attempt's among them."""
    return " | ".join(filter(None, (job.status_reason, job.reason)))


def says(pattern: str) -> Test:
    """Whether AWS says so."""
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda job, said, lines: bool(compiled.search(said))


def exits(*codes: int) -> Test:
    """Whether it ended with one of these codes."""
    return lambda job, said, lines: job.exit_code in codes


def is_stopped(job: JobDescription, said: str, lines: Sequence[str]) -> bool:
    """Whether somebody asked for its end."""
    return job.is_stopping


def has_wrong_format(job: JobDescription, said: str, lines: Sequence[str]) -> bool:
    """Whether the kernel refused its program."""
    return _FORMAT_ERROR in said.lower() or any(_FORMAT_ERROR in line.lower() for line in lines[-3:])


def has_exited(job: JobDescription, said: str, lines: Sequence[str]) -> bool:
    """Whether it ended by itself, and not well."""
    return job.exit_code is not None and job.exit_code != 0


def is_left(job: JobDescription, said: str, lines: Sequence[str]) -> bool:
    """Any that is in no other class."""
    return True
