"""A consumable resource of AWS Batch: units that jobs take before they start."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

import attrs

from batchwright._wire import Description, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import ConfigurationError, InUseError
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in
from batchwright.resources.consumable_jobs import jobs_needing
from batchwright.translation import is_missing
from batchwright.values import aws_name, whole

KNOWN_SINCE: Final = (1, 37, 2)
"""The first botocore that knows consumable resources."""
REPLENISHABLE: Final = "REPLENISHABLE"
NON_REPLENISHABLE: Final = "NON_REPLENISHABLE"
UNITS_MAX: Final = 2**63 - 1


@attrs.frozen(kw_only=True)
class ConsumableResourceDescription(Description):
    """What `batch:DescribeConsumableResource` reports; the quantities may be half a minute old."""

    _live: ClassVar[tuple[str, ...]] = ("in_use_quantity", "available_quantity")

    name: str = attrs.field(metadata=wire("consumableResourceName"))
    arn: str = attrs.field(metadata=wire("consumableResourceArn"))
    total_quantity: int = 0
    in_use_quantity: int = 0
    available_quantity: int = 0
    resource_type: str = REPLENISHABLE
    created_at: dt.datetime | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)


def client_knows() -> bool:
    """Whether the installed boto3 knows consumable resources."""
    from botocore import __version__

    numbers = [int(number) for number in re.findall(r"\d+", __version__)]
    return tuple(numbers[:3]) >= KNOWN_SINCE


def check_client(what: str) -> None:
    """Refuse on a boto3 that is too old to say what is declared; nothing is asked of AWS.

    Args:
        what: What needs it, for the message.

    Raises:
        ConfigurationError: It names the version that is needed.
    """
    from botocore import __version__

    if not client_knows():
        raise ConfigurationError(
            f"{what} needs consumable resources, which the installed botocore {__version__} does not know.",
            hint=f"Install boto3 {'.'.join(map(str, KNOWN_SINCE))} or newer.",
        )


def _described(session: Connection, name_or_arn: str) -> ConsumableResourceDescription | None:
    from botocore.exceptions import ClientError

    try:
        answer = session.batch.describe_consumable_resource(consumableResource=name_or_arn)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return structure(ConsumableResourceDescription, answer, read_at=session.clock.now())


@resource(kw_only=True)
class ConsumableResource(Resource[ConsumableResourceDescription]):
    """Units that jobs take when they start: licences, slots of a database, or the right to run once.

    A job that needs more than there is waits. Units of a replenishable resource come back when the job ends; those of
    another are gone, so `total_quantity` is then what it begins with, and is never set again.

    Args:
        name: Its name, 1 to 128 letters, digits, `-` or `_`.
        total_quantity: Units, 0 or more.
        replenishable: Whether a job's units come back when it ends.
    """

    kind: ClassVar[str] = "consumable resource"
    drift_rules: ClassVar[DriftRules] = DriftRules(update=("totalQuantity",))

    name: str = attrs.field(validator=aws_name)
    total_quantity: int = attrs.field(validator=whole(0, UNITS_MAX, "units"))
    replenishable: bool = True

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_client(self.label)

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {
            "consumableResourceName": self.name,
            "totalQuantity": self.total_quantity,
            "resourceType": REPLENISHABLE if self.replenishable else NON_REPLENISHABLE,
        }

    def _rules_for(self, seen: ConsumableResourceDescription) -> DriftRules:
        # Jobs take from the total of one that is not replenishable: to set it again would hand out spent units anew.
        return self.drift_rules if self.replenishable else attrs.evolve(self.drift_rules, ignore=("totalQuantity",))

    def _read(self, resolved: Resolved) -> ConsumableResourceDescription | None:
        return _described(self.session, self.name)

    def _create(self, request: Mapping[str, object]) -> None:
        self.session.batch.create_consumable_resource(**cast("Any", request))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: ConsumableResourceDescription) -> None:
        # botocore adds a client token of its own, the same one each time that it sends this request.
        self.session.batch.update_consumable_resource(
            consumableResource=seen.arn, operation="SET", quantity=self.total_quantity
        )

    def _check_delete(self, seen: ConsumableResourceDescription | None, *, force: bool) -> None:
        users = () if seen is None or force else jobs_needing(self.session, seen.arn, unfinished=True)
        if users:
            some = ", ".join(repr(job.name) for job in users[:3]) + (", ..." if len(users) > 3 else "")
            raise InUseError(
                f"{self.label} in {self.session.region} is needed by unfinished jobs: {some}.",
                users=tuple(job.name for job in users),
                resource=self,
                hint="Wait for them or terminate them first: without it those that have not started never will.",
            )

    def _delete(self, seen: ConsumableResourceDescription) -> None:
        self.session.batch.delete_consumable_resource(consumableResource=seen.arn)

    def _tag(self, seen: ConsumableResourceDescription, tags: Mapping[str, str]) -> None:
        self.session.batch.tag_resource(resourceArn=seen.arn, tags=dict(tags))

    def _untag(self, seen: ConsumableResourceDescription, keys: Collection[str]) -> None:
        self.session.batch.untag_resource(resourceArn=seen.arn, tagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[ConsumableResourceDescription]:
        """Every one of the account's region that the session's namespace made; none where boto3 or AWS knows none."""
        for arn in _every_arn(session) if client_knows() else ():
            seen = _described(session, arn)
            if seen is not None and namespace_in(seen.tags) == session.namespace:
                yield seen


def _every_arn(session: Connection) -> list[str]:
    from botocore.exceptions import ClientError

    pages = session.batch.get_paginator("list_consumable_resources").paginate()
    try:
        return [item["consumableResourceArn"] for page in pages for item in page["consumableResources"]]
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTPStatus.NOT_FOUND:
            return []  # an imitation of AWS that has no such operation
        raise
