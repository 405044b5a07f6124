"""A row that was found with somebody else's claim is never sent under."""

import threading

from batchwright import BatchSession
from batchwright.jobs.ledger import Ledger
from batchwright.local.in_process import InProcessAws
from batchwright.outcome import Resolved
from batchwright.submission import new_claim


def test_ensure_waits_for_a_claim_that_it_finds(session: BatchSession, aws: InProcessAws) -> None:
    """While the claimant may still send, ensure() sends nothing; then it takes over, and makes one job."""
    job = session.batch_job(name="sub-01", definition=session.job_definition(image="busybox:1.36", command=["true"]))
    session.ensure(*job.dependencies())
    resolved = Resolved()
    claim = new_claim(session, job.submission(resolved))
    assert Ledger(session, session.defaults.tracker.name).put_new(claim) is None
    claimed_at = aws.clock.now()
    sent_at: list[float] = []

    def note(**_: object) -> None:
        sent_at.append(aws.clock.now())

    session.batch_once.meta.events.register("before-send.batch.SubmitJob", note)
    worker = threading.Thread(target=job.ensure)
    worker.start()
    worker.join(timeout=120)
    assert len(sent_at) == 1
    policy = session.submission
    assert sent_at[0] - claimed_at >= policy.claim_s + policy.signature_window_s
