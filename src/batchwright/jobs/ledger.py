"""The rows of a tracker table as the submission protocol reads and writes them, one call each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.transactions import CONDITION_FAILED, TELLING, Write
from batchwright.translation import code_of

CLAIMED: Final = "CLAIMED"
TEXTS: Final = ("job_id", "job_name", "submitted_on", "status", "claim", "wish", "queue_arn")
"""The columns that hold text, but for the key."""


@attrs.frozen(kw_only=True)
class Row:
    """One submission, as its row says.

    Attributes:
        submission_id: The table's key `id`.
        job_id: AWS's id, or an empty string while it is only claimed.
        claim: The token of whoever submits it; empty in rows of older programs.
        sign_before: Until when the claimant may sign, in seconds since the epoch.
        wish: The salted hash of the declaration; empty in rows of older programs.
        runs: In the row of a name's first run, the number of the last one.
    """

    submission_id: str
    job_id: str = ""
    job_name: str = ""
    submitted_on: str = ""
    status: str = CLAIMED
    claim: str = ""
    sign_before: float = 0.0
    wish: str = ""
    queue_arn: str = ""
    runs: int = 1

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Row:
        """The row that a DynamoDB item holds."""
        return cls(
            submission_id=_text(item, "id"),
            sign_before=float(item.get("sign_before", {}).get("N", 0)),
            runs=int(item.get("runs", {}).get("N", 1)),
            **{name: _text(item, name) for name in TEXTS},
        )

    def age_s(self, now: float) -> float:
        """Seconds since the submission; a long time where the row does not say."""
        try:
            return now - dt.datetime.fromisoformat(self.submitted_on).timestamp()
        except ValueError:
            return float("inf")

    def to_item(self) -> dict[str, Any]:
        """The DynamoDB item of this row."""
        return {
            "id": {"S": self.submission_id},
            "sign_before": {"N": f"{self.sign_before:.3f}"},
            **{name: {"S": getattr(self, name)} for name in TEXTS},
        }


@attrs.frozen
class Ledger:
    """One tracker table, for submissions; a recorded job's row gets `submitted_status`."""

    session: Connection
    table_name: str
    submitted_status: str = "SUBMITTED"

    def put_new(self, row: Row) -> Row | None:
        """Write a row if there is none of its id; the row that is there otherwise."""
        from botocore.exceptions import ClientError

        try:
            self.session.dynamodb.put_item(**self.claiming(row).arguments, **TELLING)
        except ClientError as error:
            if code_of(error) != CONDITION_FAILED:
                raise
            return Row.from_item(cast("Mapping[str, Any]", cast("Any", error.response).get("Item", {})))
        return None

    def read(self, submission_id: str) -> Row | None:
        """The row of this id as it is now, or None."""
        answer = self.session.dynamodb.get_item(
            TableName=self.table_name, Key={"id": {"S": submission_id}}, ConsistentRead=True
        )
        return Row.from_item(answer["Item"]) if "Item" in answer else None

    def renew(self, row: Row, *, claim: str, sign_before: float) -> bool:
        """Take the claim, if it is still the one that `row` shows and no job is recorded."""
        return self._update(
            row,
            "SET claim = :new, sign_before = :before",
            {":new": {"S": claim}, ":before": {"N": f"{sign_before:.3f}"}},
        )

    def record(self, row: Row, job_id: str) -> bool:
        """Write the job's id, if the claim is still the one that `row` shows.

        A status that the container wrote meanwhile is kept.
        """
        if self._holds(self.session.dynamodb.update_item, self.recording(row, job_id).arguments):
            return True
        return self._update(row, "SET job_id = :job", {":job": {"S": job_id}})

    def release(self, row: Row) -> None:
        """Take the row away again, if nothing was submitted under its claim."""
        self._holds(self.session.dynamodb.delete_item, self.releasing(row).arguments)

    # --- the same as parts of a transaction -----------------------------------------------------------------------

    def claiming(self, row: Row) -> Write:
        """Write a row if there is none of its id."""
        put = {"TableName": self.table_name, "Item": row.to_item(), "ConditionExpression": "attribute_not_exists(id)"}
        return Write(row.submission_id, cast("Any", {"Put": put}))

    def recording(self, row: Row, job_id: str) -> Write:
        """Write the job's id, if the claim is still that of `row` and nobody wrote another status meanwhile."""
        values = {":job": {"S": job_id}, ":submitted": {"S": self.submitted_status}, ":claimed": {"S": CLAIMED}}
        update = {
            **self._of_claim(row, values, " AND #s = :claimed"),
            "UpdateExpression": "SET job_id = :job, #s = :submitted",
            "ExpressionAttributeNames": {"#s": "status"},
        }
        return Write(row.submission_id, cast("Any", {"Update": update}))

    def releasing(self, row: Row) -> Write:
        """Take the row away, if nothing was submitted under its claim."""
        return Write(row.submission_id, cast("Any", {"Delete": self._of_claim(row, {})}))

    def note_runs(self, submission_id: str, number: int) -> None:
        """Write the number of the last run into the first one's row, if it is higher than what is there."""
        update = {
            "TableName": self.table_name,
            "Key": {"id": {"S": submission_id}},
            "UpdateExpression": "SET runs = :runs",
            "ConditionExpression": "attribute_exists(id) AND (attribute_not_exists(runs) OR runs < :runs)",
            "ExpressionAttributeValues": {":runs": {"N": str(number)}},
        }
        self._holds(self.session.dynamodb.update_item, update)

    def _update(self, row: Row, expression: str, values: Mapping[str, Mapping[str, str]]) -> bool:
        update = {**self._of_claim(row, values), "UpdateExpression": expression}
        return self._holds(self.session.dynamodb.update_item, update)

    def _of_claim(self, row: Row, values: Mapping[str, Mapping[str, str]], condition: str = "") -> dict[str, Any]:
        """The arguments of a write that only whoever holds the row's claim may make, while there is no job."""
        return {
            "TableName": self.table_name,
            "Key": {"id": {"S": row.submission_id}},
            "ConditionExpression": f"claim = :claim AND job_id = :none{condition}",
            "ExpressionAttributeValues": {":claim": {"S": row.claim}, ":none": {"S": ""}, **values},
        }

    def _holds(self, call: Callable[..., object], arguments: Mapping[str, Any]) -> bool:
        """Make the call; whether its condition held."""
        from botocore.exceptions import ClientError

        try:
            call(**arguments)
        except ClientError as error:
            if code_of(error) != CONDITION_FAILED:
                raise
            return False
        return True


def moment(epoch_s: float) -> str:
    """A time as the column `submitted_on` holds it."""
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC).isoformat()


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item.get(name, {}).get("S", ""))
