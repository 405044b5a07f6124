"""The id of a submission is the key of its row, of which DynamoDB takes 2048 bytes."""

import pytest

from batchwright import BatchSession, DeclarationError


def test_an_id_that_is_no_key_is_refused_before_any_call() -> None:
    """Characters count by their bytes: 600 of three bytes each fit, 700 do not."""
    session = BatchSession("lab", region="us-east-2")
    definition = session.job_definition(name="convert", image="busybox")
    assert session.batch_job(name="a", definition=definition, submission_id="ミ" * 600).submission_id
    with pytest.raises(DeclarationError, match=r"submission_id=.*2048 bytes"):
        session.batch_job(name="a", definition=definition, submission_id="ミ" * 700)
