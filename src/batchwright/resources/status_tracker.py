"""A DynamoDB table that says how submitted jobs are doing, and goes on saying it when Batch has forgotten them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright._wire import Description, pascal, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import NotFoundError
from batchwright.jobs.row_status import said_update
from batchwright.lifecycle import BUSY, Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in, tag_list, tag_mapping
from batchwright.resources.tracker_rows import Rows, row_of
from batchwright.resources.tracker_sync import sync_rows, write_status
from batchwright.translation import code_of, is_missing, says
from batchwright.values import matching, one_of, refuse
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

ON_DEMAND: Final = "PAY_PER_REQUEST"
PROVISIONED: Final = "PROVISIONED"
PROVISIONED_UNITS: Final = 5
"""Read and write units of a provisioned table; 25 of each are in AWS's free tier."""
POLICY_NAME_MAX: Final = 128
_table_name = matching(re.compile(r"[A-Za-z0-9_.-]{3,255}"), "3 to 255 letters, digits, '_', '.' or '-'")


@attrs.frozen(kw_only=True)
class StatusTrackerDescription(Description):
    """What `dynamodb:DescribeTable` reports of one table.

    Attributes:
        item_count: Rows as DynamoDB counted them up to six hours ago.
    """

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)
    _live: ClassVar[tuple[str, ...]] = ("item_count",)

    arn: str = attrs.field(metadata=wire("TableArn"))
    name: str = attrs.field(metadata=wire("TableName"))
    status: str = attrs.field(metadata=wire("TableStatus"))
    status_reason: str = attrs.field(default="", metadata=wire("batchwrightReason"))
    billing_mode: str = attrs.field(default=PROVISIONED, metadata=wire("batchwrightBillingMode"))
    item_count: int = 0
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=wire("batchwrightTags"))


@resource(kw_only=True)
class StatusTracker(Resource[StatusTrackerDescription]):
    """A table with one row for each submission: `id`, `job_id`, `job_name`, `submitted_on`, `status`.

    A table that older programs made is used as it is. It holds data, so `delete()` refuses while `retain` is true.

    Args:
        name: The table's name, 3 to 255 letters, digits, `_`, `.` or `-`.
        retain: Keep the table when all else is deleted.
        billing_mode: `"PAY_PER_REQUEST"` (on demand), or `"PROVISIONED"` with 5 read and 5 write units; AWS takes
            four changes to on demand in 24 hours.
    """

    kind: ClassVar[str] = "status tracker"
    states: ClassVar[States] = States(
        ready=("ACTIVE",), failed=("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVED"), deleting=("DELETING",)
    )
    drift_rules: ClassVar[DriftRules] = DriftRules(
        update=("BillingMode", "ProvisionedThroughput"),
        # Indexes that others add bring definitions of theirs.
        ignore=("AttributeDefinitions",),
        # What DynamoDB shows of a table without units of its own.
        reset={"ProvisionedThroughput.ReadCapacityUnits": 0, "ProvisionedThroughput.WriteCapacityUnits": 0},
    )

    name: str = attrs.field(validator=_table_name)
    retain: bool = True
    billing_mode: str = attrs.field(default=ON_DEMAND, validator=one_of(ON_DEMAND, PROVISIONED))

    # --- rows -----------------------------------------------------------------------------------------------------

    def update(self, submission_id: str, status: str) -> bool:
        """Write the status of one submission, for example from the code inside its job: one `dynamodb:UpdateItem`.

        Args:
            submission_id: The row's id; inside a job the container's variable holds it.
            status: Any text, such as `"Converting 40 %"`. `sync()` leaves it until the job has ended. SUCCEEDED,
                FAILED and VANISHED are final, so leave them to AWS.

        Returns:
            Whether it was written; False where the row's status is final already.

        Raises:
            NotFoundError: There is no such row or table; none is made.
        """
        given: dict[str, object] = {"submission_id": submission_id, "status": status}
        for field, value in given.items():
            if not isinstance(value, str) or not value:
                raise refuse(self, field, value, "a text of at least one character")
        with self.translated():
            try:
                against = write_status(self.session, said_update(self.name, submission_id, status))
            except self.session.dynamodb.exceptions.ResourceNotFoundException as error:
                raise self._no_table() from error
        if against is not None and not against.id:
            raise NotFoundError(
                f"{self.label} in {self.session.region} has no row {submission_id!r}.",
                resource=self,
                hint="Submit the job first: BatchJob.ensure() or session.submit() writes the row.",
            )
        return against is None

    def rows(self) -> Rows:
        """Every row, in the order of submission; reads the whole table (`dynamodb:Scan`), consistently.

        Raises:
            NotFoundError: There is no such table.
        """
        with self.translated():
            pages = self.session.dynamodb.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
            try:
                items = [item for page in pages for item in page["Items"]]
            except self.session.dynamodb.exceptions.ResourceNotFoundException as error:
                raise self._no_table() from error
        return Rows.of(map(row_of, items))

    def sync(self) -> Rows:
        """Bring the rows up to date from `batch:DescribeJobs`, a hundred ids a call, and return those that changed.

        Final statuses never change, and rows that are only claimed are left alone. A job that AWS no longer knows
        becomes VANISHED once its row is ten minutes old.
        """
        rows = self.rows()
        with self.translated():
            return sync_rows(self.session, self.name, rows)

    def access_policy(self) -> tuple[str, dict[str, object]]:
        """Name and document of the IAM policy that lets a job read and write rows of this one table, no more."""
        session = self.session
        document: dict[str, object] = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                    "Resource": _arn(session, self.name),
                }
            ],
        }
        return _policy_name(session.region, self.name), document

    def _no_table(self) -> NotFoundError:
        return NotFoundError(
            f"{self.label} does not exist in {self.session.region}, or cannot be used yet.", resource=self
        )

    # --- life cycle -----------------------------------------------------------------------------------------------

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        request: dict[str, object] = {
            "TableName": self.name,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": self.billing_mode,
        }
        if self.billing_mode == PROVISIONED:
            units = {"ReadCapacityUnits": PROVISIONED_UNITS, "WriteCapacityUnits": PROVISIONED_UNITS}
            request["ProvisionedThroughput"] = units
        return request

    def _read(self, resolved: Resolved) -> StatusTrackerDescription | None:
        return _described(self.session, self.name)

    def _actual(self, seen: StatusTrackerDescription) -> Mapping[str, object]:
        return {**seen.raw, "BillingMode": seen.billing_mode}

    def _tags_of(self, seen: StatusTrackerDescription) -> Mapping[str, str]:
        return seen.tags

    def _create(self, request: Mapping[str, object]) -> None:
        tags = tag_list(cast("Mapping[str, str]", request["tags"]))
        self.session.dynamodb.create_table(**cast("Any", {**_without_tags(request), "Tags": tags}))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: StatusTrackerDescription) -> None:
        sent = {key: request[key] for key in ("BillingMode", "ProvisionedThroughput") if key in request}
        self.session.dynamodb.update_table(TableName=self.name, **cast("Any", sent))

    def _delete(self, seen: StatusTrackerDescription) -> None:
        self.session.dynamodb.delete_table(TableName=self.name)

    def _is_busy(self, error: ClientError) -> bool:
        return says(error, *BUSY, "ResourceInUseException")

    def _tag(self, seen: StatusTrackerDescription, tags: Mapping[str, str]) -> None:
        self.session.dynamodb.tag_resource(ResourceArn=seen.arn, Tags=cast("Any", tag_list(tags)))

    def _untag(self, seen: StatusTrackerDescription, keys: Collection[str]) -> None:
        self.session.dynamodb.untag_resource(ResourceArn=seen.arn, TagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[StatusTrackerDescription]:
        """Every table of the account's region that the session's namespace made."""
        for page in session.dynamodb.get_paginator("list_tables").paginate():
            for name in page["TableNames"]:
                if namespace_in(_tags(session, _arn(session, name))) != session.namespace:
                    continue
                if (described := _described(session, name)) is not None:
                    yield described


def _described(session: Connection, name: str) -> StatusTrackerDescription | None:
    from botocore.exceptions import ClientError

    try:
        table = cast("dict[str, Any]", session.dynamodb.describe_table(TableName=name)["Table"])
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return None
    # DynamoDB says nothing of the mode of a table that never was on demand.
    mode: str = table.get("BillingModeSummary", {}).get("BillingMode", PROVISIONED)
    keyless_since: object = table.get("SSEDescription", {}).get("InaccessibleEncryptionDateTime")
    return structure(
        StatusTrackerDescription,
        table,
        read_at=session.clock.now(),
        tags=_tags(session, table["TableArn"]),
        billing_mode=mode,
        status_reason=f"its KMS key cannot be used since {keyless_since}" if keyless_since else "",
    )


def _tags(session: Connection, arn: str) -> dict[str, str]:
    from botocore.exceptions import ClientError

    try:
        pages = session.dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        return tag_mapping([cast("Mapping[str, str]", tag) for page in pages for tag in page["Tags"]])
    except ClientError as error:
        # A table shows before its tags do, and its tags are gone before it.
        if not is_missing(error):
            raise
        return {}


def _arn(session: Connection, name: str) -> str:
    return f"arn:{session.partition}:dynamodb:{session.region}:{session.account_id}:table/{name}"


def _policy_name(region: str, table: str) -> str:
    name = f"batchwright-tracker-{region}-{table}"
    if len(name) <= POLICY_NAME_MAX:
        return name
    tail = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: POLICY_NAME_MAX - len(tail) - 1]}-{tail}"


def _without_tags(request: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in request.items() if key != "tags"}
