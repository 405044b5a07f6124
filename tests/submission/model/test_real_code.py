"""The real `submit_once` of two and three processes, under every schedule near the plain one and many by chance."""

from collections.abc import Callable

import attrs
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from batchwright.errors import SubmissionUnknownError
from batchwright.jobs.ledger import Ledger
from batchwright.jobs.looking import SUBMISSION_VARIABLE
from batchwright.submission import Submission, Submitted, submit_once

from .fake_aws import Aws, Process
from .stage import SLEEP_S, Actor, Choices, Killed, Stage, by_chance, near

Report = Callable[[str, object], None]
SEED = 20_240_601
SKEWS_S = (0.0, -290.0, 290.0)
MAY_END_WITH = (Killed, KeyboardInterrupt, ClientError, ConnectionClosedError, SubmissionUnknownError)


@attrs.frozen
class ActorClock:
    """AWS's time as this process's clock is off; a sleep of one who waits for others is as long as several."""

    actor: Actor

    def now(self) -> float:
        """The time by this process."""
        return self.actor.stage.aws.now + self.actor.skew_s

    def monotonic(self) -> float:
        """Seconds."""
        return self.actor.stage.aws.now

    def sleep(self, _: float, /) -> None:
        """Let others go on, and time go by."""
        waits = self.actor.words in ("lists", "describes")
        self.actor.pause("sleeps")
        self.actor.stage.aws.advance(SLEEP_S if waits else 1.0)


def submitting(actor: Actor) -> Submitted:
    """What every process does."""
    session = Process(actor, ActorClock(actor))
    variables = [{"name": SUBMISSION_VARIABLE, "value": "test/sub-01"}]
    request = {"jobName": "sub-01", "jobQueue": "lab", "containerOverrides": {"environment": variables}}
    submission = Submission(submission_id="test/sub-01", request=request, wish="1:a", tracked=Ledger(session, "jobs"))
    done = submit_once(session, submission)
    if actor.stage.aws.items["test/sub-01"]["job_id"] != {"S": done.job_id}:
        actor.stage.aws.wrong.append(f"{actor.name} returned {done.job_id}, which is not the row's")
    return done


def play(choices: Choices, processes: int = 2, *, lists: bool = True) -> None:
    """One schedule; whatever became of everybody, the same call once more ends with exactly one job."""
    aws = Aws(is_late=lambda: bool(choices.pick(2)), lists=lists)
    stage = Stage(aws, choices)
    actors = [Actor(stage, "ABC"[who], submitting, SKEWS_S[choices.pick(3)]) for who in range(processes)]
    stage.run(actors)
    for actor in actors:
        if actor.error is not None and not isinstance(actor.error, MAY_END_WITH):
            raise actor.error
    for sent in aws.on_the_wire():
        stage.tell("AWS", aws.deliver(sent) if choices.pick(2) else "loses a request")
        sent.is_over = True
    stage.choices = Choices()
    last = Actor(stage, "the last", submitting)
    stage.run([last])
    assert isinstance(last.result, Submitted), stage.told
    check(aws, last.result.job_id)
    assert not aws.wrong, "\n".join([*aws.wrong, f"schedule {choices.taken}", *stage.told])


def check(aws: Aws, job_id: str) -> None:
    """The row's job runs, and no other one; where AWS listed none, none that a process returned without."""
    for job in aws.jobs:
        if job.job_id == job_id:
            is_right = not job.is_terminated
        elif aws.lists:
            is_right = False
        else:
            is_right = job.is_terminated or job.told is None or job.told.error is not None
        if not is_right:
            aws.wrong.append(f"in the end {job.job_id} is not as it should be beside {job_id}")
    if job_id not in [job.job_id for job in aws.jobs]:
        aws.wrong.append(f"there is no {job_id}")


def test_every_schedule_near_the_plain_one(report_figure: Report) -> None:
    """Two processes and any two turns of fate: who goes on, time that passes, a fault, a late listing, a clock."""
    report_figure("real code, two turns of fate", f"{near(play, deviations=2):,} schedules, none wrong")


@pytest.mark.parametrize(("processes", "runs"), [(2, 10_000), (3, 10_000)])
def test_many_schedules_by_chance(processes: int, runs: int, report_figure: Report) -> None:
    """Two and three processes and as many turns as chance gives."""
    done = by_chance(lambda choices: play(choices, processes), seed=SEED, runs=runs)
    report_figure(f"real code, {processes} processes, seed {SEED}", f"{done:,} schedules, none wrong")


def test_a_listing_that_never_comes(report_figure: Report) -> None:
    """Outside what AWS is taken to keep: no two requests at a time, the row's job stays, and who can, ends its own."""
    runs = near(lambda choices: play(choices, lists=False), deviations=2)
    runs += by_chance(lambda choices: play(choices, lists=False), seed=SEED, runs=4_000)
    report_figure("real code, jobs never listed", f"{runs:,} schedules, none wrong")


def test_a_claim_that_is_put_twice_is_another_one() -> None:
    """Who saw the first one dead does not take over the second: the way that the model finds, in the real code."""
    stage = Stage(Aws(is_late=lambda: False), Choices())
    first, second, third = actors = [Actor(stage, name, submitting) for name in "ABC"]
    for actor in actors:
        actor.start()
    stage.until(first, "puts its claim")
    stage.resume(first, "unheard, and sent again")
    stage.pass_time(1000)
    for actor in (second, third):
        stage.until(actor, "renews")
    stage.resume(second)
    stage.until(first, "reads")
    stage.resume(second, "is interrupted")
    stage.until(second, "releases")
    stage.resume(second)
    stage.until(first, "has sent")
    stage.run([third, first])
    assert not stage.aws.wrong, "\n".join(stage.told)
    assert len(stage.aws.jobs) == 1


def overtaken(stop_before: str) -> tuple[Stage, Actor, Actor]:
    """A job of A's that is never listed, and B that has taken over and is about to do this."""
    stage = Stage(Aws(is_late=lambda: True, lists=False), Choices())
    first, second = Actor(stage, "A", submitting), Actor(stage, "B", submitting)
    for actor in (first, second):
        actor.start()
    stage.until(first, "has sent")
    stage.deliver(stage.aws.wire[0])
    stage.until(second, stop_before)
    return stage, first, second


def test_a_job_that_comes_second_is_ended() -> None:
    """B has recorded its own before A could: A ends its own, and returns B's."""
    stage, first, second = overtaken("records")
    stage.run([second, first])
    assert [job.is_terminated for job in stage.aws.jobs] == [True, False]
    assert first.result == Submitted(job_id="job-2", created=False)


def test_a_job_that_is_known_takes_the_place_of_one_that_is_not() -> None:
    """B has taken over and recorded nothing yet: A records its own, and B ends what it makes."""
    stage, first, second = overtaken("has sent")
    stage.run([first, second])
    assert [job.is_terminated for job in stage.aws.jobs] == [False, True]
    assert first.result == Submitted(job_id="job-1", created=True, recorded=True)
    assert second.result == Submitted(job_id="job-1", created=False)
