"""Cancelling and terminating many jobs: fifty a call where AWS and botocore know how, one by one elsewhere."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.job_ids import each_of, identified, one_or_many
from batchwright.jobs.acting import Submittable, check_reason
from batchwright.memory import Memory
from batchwright.translation import is_throttled, translated

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

IDS_PER_CALL: Final = 50


class Verb(enum.Enum):
    """What ends jobs."""

    CANCEL = "cancel"
    TERMINATE = "terminate"

    @property
    def operation(self) -> str:
        """AWS's call for one job, and its name of the right to make this call or the one for many."""
        return f"{self.value.title()}Job"


def stop_all(
    session: Connection, jobs: Submittable | Iterable[Submittable], memory: Memory, verb: Verb, *, reason: str
) -> None:
    """Cancel or terminate these; see `BatchSession.cancel` and `terminate`."""
    many = tuple(one_or_many(jobs))
    check_reason(f"{len(many)} jobs", reason)  # once, and before any call
    each_with_id = list(identified(session, many, memory))
    ids = {each.job_id: each.job for each in each_with_id if isinstance(each.job_id, str)}
    refused = _Stop(session, ids, verb, reason).all()
    errors = [each.job_id if isinstance(each.job_id, Exception) else refused.get(each.job_id) for each in each_with_id]
    failed = [error for error in errors if error is not None]
    if failed:
        raise ExceptionGroup(f"{verb.value}() failed for {len(failed)} of {len(many)} jobs", failed)


@attrs.define(eq=False)
class _Stop:
    """One verb for many jobs."""

    session: Connection
    jobs: Mapping[str, Submittable]
    verb: Verb
    reason: str

    def all(self) -> dict[str, BatchwrightError]:
        """The refusals by job id."""
        ids = list(self.jobs)
        chunks = [ids[start : start + IDS_PER_CALL] for start in range(0, len(ids), IDS_PER_CALL)]
        # Of the call for many, boto3's older versions know nothing; one job needs no such call.
        known = f"{self.verb.operation}s" in self.session.batch.meta.service_model.operation_names
        answers = each_of(chunks, self.together) if known and len(ids) > 1 else [None] * len(chunks)
        left = [each for chunk, answer in zip(chunks, answers, strict=True) if answer is None for each in chunk]
        refused = {job_id: error for answer in answers if answer for job_id, error in answer.items()}
        alone = zip(left, each_of(left, self.alone), strict=True)
        return refused | {job_id: error for job_id, error in alone if error is not None}

    def together(self, ids: Sequence[str]) -> dict[str, BatchwrightError] | None:
        """One call for up to fifty; None where these are better asked for one by one."""
        from botocore.exceptions import BotoCoreError, ClientError

        call = getattr(cast("Any", self.session.batch), f"{self.verb.value}_jobs")
        try:
            errors = call(jobs=list(ids), reason=self.reason).get("errors", [])
        except NotImplementedError:
            return None  # moto, when it stands in for AWS inside this process
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and _is_about_the_call(error):
                return None
            return {job_id: self.ours(job_id, error) for job_id in ids}
        return {each["job"]: self.ours(each["job"], self.told(each["code"], each["message"])) for each in errors}

    def alone(self, job_id: str) -> BatchwrightError | None:
        """One call for one job."""
        try:
            with translated(self.jobs[job_id].label, self.session.region, self.jobs[job_id]):
                getattr(cast("Any", self.session.batch), f"{self.verb.value}_job")(jobId=job_id, reason=self.reason)
        except BatchwrightError as error:
            return error
        return None

    def told(self, code: str, message: str) -> Exception:
        """What the answer of a call for many says of one job, as if that had been asked for alone."""
        from botocore.exceptions import ClientError

        return ClientError({"Error": {"Code": code, "Message": message}}, self.verb.operation)

    def ours(self, job_id: str, error: Exception) -> BatchwrightError:
        """The error of ours for what went wrong with one job."""
        try:
            with translated(self.jobs[job_id].label, self.session.region, self.jobs[job_id]):
                raise error
        except BatchwrightError as translation:
            return translation


def _is_about_the_call(error: ClientError) -> bool:
    """Whether AWS refused the call as such: it does not know it, or one of the jobs spoils it for all."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return 400 <= status < 500 and not is_throttled(error)
