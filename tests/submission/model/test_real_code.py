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


def play(choices: Choices, processes: int = 2) -> None:
    """One schedule; whatever became of everybody, the same call once more ends with exactly one job."""
    aws = Aws(is_late=lambda: bool(choices.pick(2)))
    stage = Stage(aws, choices)
    actors = [Actor(stage, "ABC"[who], submitting, SKEWS_S[choices.pick(3)]) for who in range(processes)]
    stage.run(actors)
    for actor in actors:
        if actor.error is not None and not isinstance(actor.error, MAY_END_WITH):
            raise actor.error
    last = Actor(stage, "the last", submitting)
    stage.choices = Choices()
    for sent in aws.on_the_wire():
        stage.tell("AWS", aws.deliver(sent) if choices.pick(2) else "loses a request")
        sent.is_over = True
    stage.run([last])
    made = [job.job_id for job in aws.jobs]
    if not isinstance(last.result, Submitted) or made != [last.result.job_id] or aws.jobs[0].is_terminated:
        aws.wrong.append(f"in the end there is {made}")
    assert not aws.wrong, "\n".join([*aws.wrong, f"schedule {choices.taken}", *stage.told])


def test_every_schedule_near_the_plain_one(report_figure: Report) -> None:
    """Two processes and any two turns of fate: who goes on, time that passes, a fault, a late listing, a clock."""
    report_figure("real code, two turns of fate", f"{near(play, deviations=2):,} schedules, none wrong")


@pytest.mark.parametrize(("processes", "runs"), [(2, 10_000), (3, 10_000)])
def test_many_schedules_by_chance(processes: int, runs: int, report_figure: Report) -> None:
    """Two and three processes and as many turns as chance gives."""
    done = by_chance(lambda choices: play(choices, processes), seed=SEED, runs=runs)
    report_figure(f"real code, {processes} processes, seed {SEED}", f"{done:,} schedules, none wrong")


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
