"""What a declaration of a job that starts at most once refuses, and what it is known by."""

from typing import Any

import pytest

from batchwright import BatchSession, ConflictError, DeclarationError, RetryPolicy
from batchwright.local.in_process import InProcessAws

from .declaring import declared, unit_of

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "retry": ({"retry": RetryPolicy(attempts=2)}, "another attempt is another run"),
    "array_size": ({"array_size": 2}, "each child would need the one unit"),
    "tracker": ({"tracker": None}, "a tracker with run_at_most_once"),
}


@pytest.mark.parametrize("field", REFUSED)
def test_what_could_start_it_again_is_refused_before_any_call(
    session: BatchSession, aws: InProcessAws, field: str
) -> None:
    """The error names the field and the reason."""
    fields, why = REFUSED[field]
    with pytest.raises(DeclarationError, match=rf"(?s){field}=.*{why}"):
        declared(session, **fields)
    assert aws.calls == []


def test_one_attempt_is_no_reason_to_refuse(session: BatchSession) -> None:
    """Saying what holds anyway is fine."""
    assert unit_of(declared(session, retry=RetryPolicy(attempts=1))).total_quantity == 1


def test_old_rows_still_fit(session: BatchSession) -> None:
    """The hash of a declaration says nothing of the option unless it is used."""
    plain = declared(session, run_at_most_once=False)
    assert plain.wish() == declared(session, run_at_most_once=False).wish()
    assert plain.wish() != declared(session).wish()
    assert plain.start_unit is None
    plain.ensure()
    with pytest.raises(ConflictError, match="another declaration"):
        declared(session).ensure()


def test_names_are_legal_and_of_one_submission_each(session: BatchSession) -> None:
    """However long or odd the submission id is, and for every table."""
    odd = ["lab/a b", "lab/a-b", "é" * 700, "x" * 1024, "lab/a/2", "-"]
    jobs = [declared(session, submission_id=each) for each in odd]
    jobs += [declared(session, submission_id="lab/a b", tracker=session.status_tracker(name="other"))]
    names = [unit_of(job).name for job in jobs]
    assert len(set(names)) == len(jobs)
    assert max(map(len, names)) <= 128
