"""What an error says besides: the first finding of a diagnosis, which must never hide the error itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from batchwright.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from batchwright.findings import Diagnosis
    from batchwright.jobs.description import JobDescription

ADVICE_S: Final = 10.0
"""Seconds for which an error that is about to be raised may ask AWS."""


def advice_on(session: Connection, subject: object) -> Diagnosis | None:
    """A short diagnosis of what did not get ready; None where that fails, since the time is over all the same."""
    try:
        return session.diagnose(subject, timeout_s=ADVICE_S)
    except Exception:
        return None  # whatever it is: the error that this is for says more


def advice_on_failure(
    session: Connection, job: JobDescription, last_lines: Sequence[str], *, label: str
) -> Diagnosis | None:
    """The diagnosis of a job that FAILED, without a call; None where nobody makes one, or that fails."""
    try:
        return session.diagnose_failure(job, last_lines, label=label)
    except Exception:
        return None  # as above


def advice_text(diagnosis: Diagnosis | None) -> str:
    """The first finding in a sentence or two; else what was seen; else nothing."""
    if diagnosis is None:
        return ""
    if diagnosis.top is not None:
        return str(diagnosis.top)
    return "; ".join(diagnosis.notes) + "." if diagnosis.notes else ""
