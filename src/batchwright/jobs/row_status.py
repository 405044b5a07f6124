"""The one rule of what may be written over the status of a tracker's row, for whoever writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from batchwright.jobs.description import FINISHED, UNFINISHED, VANISHED
from batchwright.jobs.ledger import CLAIMED, Ledger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

OVERWRITTEN: Final = (*UNFINISHED, CLAIMED, "Job submitted...", "")
"""What AWS's word for an unfinished job replaces: its own earlier ones and what submitting writes.

Any other text was written by the code inside the job, and stays until the job has ended. An end is final.
"""
_ENDS: Final = {f":end{index}": {"S": word} for index, word in enumerate(FINISHED)}
_PASSING: Final = {f":passing{index}": {"S": word} for index, word in enumerate(OVERWRITTEN)}
_NOT_ENDED: Final = f"attribute_exists(id) AND NOT #s IN ({', '.join(_ENDS)})"
_IS_PASSING: Final = f"attribute_exists(id) AND #s IN ({', '.join(_PASSING)})"


@attrs.frozen
class Tracked:
    """The row of a job.

    Attributes:
        ledger: The table that it is in.
        submission_id: The row's key.
    """

    ledger: Ledger
    submission_id: str

    @property
    def key(self) -> str:
        """Tells it from the rows of other tables too."""
        return f"{self.ledger.table_name}/{self.submission_id}"


def may_replace(there: str, status: str) -> bool:
    """Whether AWS's word for a job replaces what its row says."""
    if there in FINISHED or there == status:
        return False
    return status in FINISHED or there in OVERWRITTEN


def said_update(table_name: str, submission_id: str, status: str) -> UpdateTypeDef:
    """The write of a status by somebody else than AWS, such as the code inside the job, unless the row's is final."""
    return _update(table_name, submission_id, status, condition=_NOT_ENDED, values=_ENDS)


def seen_update(table_name: str, submission_id: str, status: str, *, job_id: str) -> UpdateTypeDef:
    """The write of what AWS says of a job, unless its row is another job's or says more: `may_replace`, in DynamoDB."""
    is_end = status in FINISHED
    # A job whose id is not in its row yet was found otherwise, and can have ended; it can not have been forgotten.
    whose = "(job_id = :job OR job_id = :none)" if is_end and status != VANISHED else "job_id = :job"
    values = (_ENDS if is_end else _PASSING) | {":job": {"S": job_id}}
    if ":none" in whose:
        values |= {":none": {"S": ""}}
    condition = f"{_NOT_ENDED if is_end else _IS_PASSING} AND {whose}"
    return _update(table_name, submission_id, status, condition=condition, values=values)


def read_update(table_name: str, submission_id: str, status: str, *, job_id: str, there: str) -> UpdateTypeDef:
    """The write of a status over the very one that was read; `may_replace` has allowed it."""
    values = {":job": {"S": job_id}, ":there": {"S": there}}
    condition = "attribute_exists(id) AND job_id = :job AND #s = :there"
    return _update(table_name, submission_id, status, condition=condition, values=values)


def _update(
    table_name: str, submission_id: str, status: str, *, condition: str, values: dict[str, dict[str, str]]
) -> UpdateTypeDef:
    return {
        "TableName": table_name,
        "Key": {"id": {"S": submission_id}},
        "UpdateExpression": "SET #s = :status",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":status": {"S": status}, **values},
    }
