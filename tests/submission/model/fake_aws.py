"""As much of Batch and DynamoDB as a submission needs, in a few dictionaries, quick enough for thousands of runs."""

import datetime as dt
import email.utils
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import attrs
from botocore.exceptions import ClientError, ReadTimeoutError

from batchwright import SubmissionPolicy
from batchwright.connection import Connection
from batchwright.jobs.looking import SUBMISSION_VARIABLE

if TYPE_CHECKING:
    from .stage import Actor

NO_JOB = {"S": ""}
BEGAN = 1_700_000_000.0
ACCEPTS_S = 300.0
LAG_S = 600.0
WAITS = ("answer lost", "no answer yet", "throttled", "refused", "dies", "is interrupted")


@attrs.define(eq=False)
class Sent:
    """A SubmitJob that has left its process."""

    signed: float
    name: str
    submission_id: str
    job_id: str = ""
    is_over: bool = False


@attrs.define(eq=False)
class Made:
    """A job at AWS."""

    job_id: str
    sent: Sent
    created: float
    listed_from: float
    is_terminated: bool = False
    told: "Actor | None" = None
    """Who got its id as an answer."""


@attrs.define(eq=False)
class Aws:
    """The world.

    Attributes:
        is_late: Tells of a job that is to be made whether AWS lists it only when it must.
        lists: Whether it must ever.
    """

    is_late: Callable[[], bool]
    lists: bool = True
    now: float = BEGAN
    began: float = BEGAN
    items: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    wire: list[Sent] = attrs.field(factory=list)
    jobs: list[Made] = attrs.field(factory=list)
    wrong: list[str] = attrs.field(factory=list)

    def advance(self, seconds: float) -> str:
        """Let time go by."""
        self.now += seconds
        return f"goes by, {seconds:g} s"

    def may_accept(self, sent: Sent) -> bool:
        """Whether this request could still make a job."""
        return not sent.is_over and abs(self.now - sent.signed) <= ACCEPTS_S

    def on_the_wire(self) -> list[Sent]:
        """The requests that can still arrive in time."""
        return [sent for sent in self.wire if self.may_accept(sent)]

    def send(self, sent: Sent) -> None:
        """A request leaves; nothing before it may be able to make a job, or have made one that will be listed."""
        if (self.jobs and self.lists) or self.on_the_wire():
            self.wrong.append("a second SubmitJob was sent while an earlier one counts")
        self.wire.append(sent)

    def deliver(self, sent: Sent) -> str:
        """A request arrives: there is a job now."""
        sent.is_over, sent.job_id = True, f"job-{len(self.jobs) + 1}"
        surely = sent.signed + ACCEPTS_S + LAG_S if self.lists else float("inf")
        self.jobs.append(Made(sent.job_id, sent, self.now, surely if self.is_late() else self.now))
        return f"makes {sent.job_id}"


def refusal(
    code: str, status: int, operation: str = "SubmitJob", message: str = "words", **more: object
) -> ClientError:
    """What botocore raises for such an answer."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(answer, "SubmitJob")  # type: ignore[arg-type]  # a part of an answer


@attrs.define
class Table:
    """The calls of DynamoDB that the protocol makes, with conditions of the kinds that it has."""

    actor: "Actor"

    def put_item(self, *, Item: dict[str, Any], **rest: Any) -> object:  # noqa: ANN401
        """Write an item, if the condition holds."""
        return self._write("puts its claim", Item["id"]["S"], lambda _: dict(Item), rest)

    def update_item(self, *, Key: dict[str, Any], UpdateExpression: str, **rest: Any) -> object:  # noqa: ANN401
        """Change an item, if the condition holds."""
        names, values = rest.get("ExpressionAttributeNames", {}), rest["ExpressionAttributeValues"]
        changes = {}
        for part in UpdateExpression.removeprefix("SET ").split(", "):
            name, value = part.split(" = ")
            changes[names.get(name, name)] = values[value]
        words = "records" if "job_id" in changes else "renews"
        return self._write(words, Key["id"]["S"], lambda item: {**item, **changes}, rest)

    def delete_item(self, *, Key: dict[str, Any], **rest: Any) -> object:  # noqa: ANN401
        """Take an item away, if the condition holds."""
        return self._write("releases", Key["id"]["S"], lambda _: None, rest)

    def get_item(self, *, Key: dict[str, Any], **_: object) -> object:
        """The item."""
        items, key = self.actor.stage.aws.items, Key["id"]["S"]
        return self.actor.call("reads", lambda: {"Item": items[key]} if key in items else {})

    def _write(
        self, words: str, key: str, change: Callable[[dict[str, Any]], dict[str, Any] | None], rest: Mapping[str, Any]
    ) -> object:
        items = self.actor.stage.aws.items

        def effect() -> object:
            if not holds(rest["ConditionExpression"], items.get(key), rest):
                raise refusal("ConditionalCheckFailedException", 400, Item=items.get(key, {}))
            made = change(items.get(key, {}))
            if items.get(key, {}).get("job_id", NO_JOB) not in (NO_JOB, (made or {}).get("job_id")):
                self.actor.stage.aws.wrong.append("the row's job was changed")
            items.pop(key, None)
            if made is not None:
                items[key] = made
            return {}

        return self.actor.call(words, effect, writes=True)


def holds(condition: str, item: Mapping[str, Any] | None, rest: Mapping[str, Any]) -> bool:
    """Whether a condition of equalities, or of there being no item, holds."""
    if condition == "attribute_not_exists(id)":
        return item is None
    names, values = rest.get("ExpressionAttributeNames", {}), rest["ExpressionAttributeValues"]
    parts = [re.fullmatch(r"(#?\w+) = (:\w+)", part) for part in condition.split(" AND ")]
    assert all(parts), condition
    return item is not None and all(
        item.get(names.get(part[1], part[1])) == values[part[2]] for part in parts if part is not None
    )


class Batch:
    """The calls of Batch that the protocol makes."""

    def __init__(self, actor: "Actor", now: Callable[[], float]) -> None:
        self.actor, self.now = actor, now
        self.handlers: dict[str, Callable[..., object]] = {}
        events = SimpleNamespace(
            register_last=lambda _, handler, unique_id: self.handlers.setdefault(unique_id, handler)
        )
        self.meta = SimpleNamespace(events=events)

    def submit_job(self, *, jobName: str, containerOverrides: Mapping[str, Any], **_: object) -> object:
        """Sign, ask the handlers, send; then the answer, or none."""
        aws = self.actor.stage.aws
        self.actor.pause("signs")
        variables = {each["name"]: each["value"] for each in containerOverrides["environment"]}
        sent = Sent(float(int(self.now())), jobName, variables[SUBMISSION_VARIABLE])
        stamp = dt.datetime.fromtimestamp(sent.signed, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        for handler in self.handlers.values():
            handler(request=SimpleNamespace(headers={"X-Amz-Date": stamp}))
        aws.send(sent)
        fate = self.actor.pause("has sent", WAITS)
        return self._answer(sent, fate)

    def _answer(self, sent: Sent, fate: str) -> object:
        aws = self.actor.stage.aws
        if fate == "no answer yet":
            raise ReadTimeoutError(endpoint_url="https://fake")
        if not sent.is_over and fate in ("throttled", "refused"):
            sent.is_over = True
            raise refusal("TooManyRequestsException", 429) if fate == "throttled" else refusal("ClientException", 400)
        if not sent.is_over and not aws.may_accept(sent):
            sent.is_over = True
            raise refusal("InvalidSignatureException", 403, message="Signature expired: it is now earlier")
        if not sent.is_over:
            aws.deliver(sent)
        if fate == "answer lost":
            raise ReadTimeoutError(endpoint_url="https://fake")
        next(job for job in aws.jobs if job.sent is sent).told = self.actor
        return {"jobId": sent.job_id}

    def list_jobs(self, **_: object) -> object:
        """The jobs that AWS shows by now, the newest first, and its time."""
        aws = self.actor.stage.aws

        def effect() -> object:
            seen = [
                {"jobId": job.job_id, "jobName": job.sent.name, "createdAt": int(job.created * 1000)}
                for job in reversed(aws.jobs)
                if job.listed_from <= aws.now
            ]
            date = email.utils.formatdate(int(aws.now), usegmt=True)
            return {"jobSummaryList": seen, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}

        return self.actor.call("lists", effect)

    def describe_jobs(self, *, jobs: list[str]) -> object:
        """These jobs."""

        def effect() -> object:
            return {"jobs": [shown(job) for job in self.actor.stage.aws.jobs if job.job_id in jobs]}

        return self.actor.call("describes", effect)

    def terminate_job(self, *, jobId: str, **_: object) -> object:
        """End a job."""

        def effect() -> object:
            for job in self.actor.stage.aws.jobs:
                job.is_terminated = job.is_terminated or job.job_id == jobId
            return {}

        return self.actor.call(f"terminates {jobId}", effect)


def shown(job: Made) -> dict[str, Any]:
    """A job as DescribeJobs shows it."""
    variables = [{"name": SUBMISSION_VARIABLE, "value": job.sent.submission_id}]
    return {
        "jobId": job.job_id,
        "jobName": job.sent.name,
        "status": "RUNNABLE",
        "createdAt": int(job.created * 1000),
        "container": {"environment": variables},
    }


class Process(Connection):
    """A session of one actor, whose clients are the ones above."""

    def __init__(self, actor: "Actor", clock: Any) -> None:  # noqa: ANN401  # any clock
        super().__init__("test", region="us-east-2", clock=clock, submission=SubmissionPolicy())
        batch = Batch(actor, clock.now)
        self._clients = {"batch": batch, "dynamodb": Table(actor)}

    def _client(self, service: str, **_: object) -> object:
        return self._clients[service]
