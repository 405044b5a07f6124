"""What is looked at in IPython and in a notebook: a failed job, and all that belongs to it."""

import time

from batchwright import BatchSession, JobFailedError
from batchwright.local.in_process import InProcessAws
from batchwright.local.server_clock import ServerClock
from batchwright.testing import FakeClock, JobScript
from batchwright.testing.job_scripts import ScriptedJobs

SECRET = "-".join(["correct", "horse"])
NAMES = ("session", "job", "queue", "plan", "ensured", "drift", "jobs", "timeline", "diagnosis", "described", "error")


def account() -> InProcessAws:
    """An account whose jobs fail."""
    clock = ServerClock(frozen_at=float(int(time.time())))
    engine = ScriptedJobs(clock)
    engine.script("*", JobScript(exit_code=3, log=["reading", "no such subject"]))
    return InProcessAws(engine=engine, clock=clock)


def session_on(aws: InProcessAws) -> BatchSession:
    """A session on it, whose sleeps move its time."""
    return BatchSession(
        "lab", boto3_session=aws.boto3_session(), clock=FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    )


def objects(session: BatchSession) -> dict[str, object]:
    """One of each, by name."""
    definition = session.job_definition(name="convert", image="convert:1")
    job = session.batch_job(name="sub-01", definition=definition, environment={"SUBJECT": SECRET})
    plan, ensured = session.plan(job), session.ensure(job)
    made = (session, job, job.queue, plan, ensured, definition.drift())
    try:
        job.wait()
    except JobFailedError as error:
        seen = (session.jobs(), session.timeline(job), job.diagnose(), job.describe(), error)
        return dict(zip(NAMES, made + seen, strict=True))
    raise AssertionError("the job did not fail")
