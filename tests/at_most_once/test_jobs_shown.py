"""Start units are as many as jobs: a session shows none of them, and remembers none for showing."""

from batchwright import BatchSession
from batchwright._display import to_text


def test_a_start_unit_is_neither_drawn_nor_remembered(session: BatchSession) -> None:
    """Ten thousand would leave no room for anything else."""
    definition = session.job_definition(name="convert", image="busybox")
    job = session.batch_job(name="once", definition=definition, run_at_most_once=True)
    session.ensure(job)
    assert job.start_unit is not None
    assert session.sightings.last(job.start_unit) is None
    assert "job queue" in to_text(session._view())
    assert "consumable" not in to_text(session._view())
