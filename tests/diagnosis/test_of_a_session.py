"""What a session diagnoses where nothing is named."""

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock


def test_a_session_of_the_next_day_finds_the_job_that_is_stuck(aws: InProcessAws, session: BatchSession) -> None:
    """Whoever submitted it: jobs and queues of the namespace are found in AWS, not remembered."""
    definition = session.job_definition(name="large", image="busybox", vcpus=512, memory_gib=8)
    session.batch_job(name="sub-01", definition=definition, command=["true"]).ensure()
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    clock.sleep(600)
    with BatchSession("test", boto3_session=aws.boto3_session(), clock=clock) as later:
        diagnosis = later.diagnose()
    assert diagnosis.top is not None
    assert diagnosis.top.subject.startswith("job 'sub-01' (")
    assert "job queue 'batchwright-test'" in diagnosis.subjects


def test_a_namespace_without_anything_has_no_finding(session: BatchSession) -> None:
    """There is nothing to look at, and that is no fault."""
    diagnosis = session.diagnose()
    assert not diagnosis.findings
    assert not diagnosis.subjects


def test_a_disabled_queue_is_found_without_a_job(session: BatchSession) -> None:
    """By a session that has made nothing itself."""
    session.defaults.job_queue.ensure()
    session.batch.update_job_queue(jobQueue="batchwright-test", state="DISABLED")
    top = session.diagnose().top
    assert top is not None
    assert "batchwright-test" in top.summary
    assert "DISABLED" in " ".join((top.summary, *top.evidence))
