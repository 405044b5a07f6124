"""A fair-share scheduling policy of AWS Batch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, cast

import attrs

from batchwright._wire import Description, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in
from batchwright.values import aws_name, refuse, whole

DEFAULT_DECAY_S: Final = 600


@attrs.frozen(kw_only=True)
class SchedulingPolicyDescription(Description):
    """What `batch:DescribeSchedulingPolicies` reports of one policy."""

    name: str
    arn: str
    fairshare_policy: Mapping[str, object] = attrs.field(
        factory=dict[str, object], metadata=wire("fairsharePolicy"), hash=False
    )
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)


def _weights(value: Mapping[str, float] | None) -> dict[str, float]:
    return dict(value or {})


def _shares_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[str, float]) -> None:
    for identifier, weight in value.items():
        if not 1 <= len(identifier) <= 255 or not 0.0001 <= weight <= 999.9999:
            legal = "identifiers of 1 to 255 characters with weights from 0.0001 to 999.9999"
            raise refuse(instance, field.name, {identifier: weight}, legal)


def _by_identifier(value: object) -> object:
    """The weight of each share, in no order; AWS keeps weights as short floats, and means 1 where it names none."""
    shares = cast("Sequence[Mapping[str, Any]]", value) if isinstance(value, Sequence) else ()
    return sorted((share["shareIdentifier"], round(share.get("weightFactor", 1.0), 4)) for share in shares)


def _decay(value: object) -> object:
    """AWS takes 0 for its default."""
    return value if isinstance(value, int) and value > 0 else DEFAULT_DECAY_S


@resource(kw_only=True)
class SchedulingPolicy(Resource[SchedulingPolicyDescription]):
    """Shares a queue's capacity between share identifiers instead of first come, first served.

    Args:
        shares: Weight factor by share identifier, 0.0001 to 999.9999; a smaller weight gets more. A trailing
            `*` stands for all identifiers that start so.
        share_decay_s: Seconds over which past use counts, 0 to 604800.
        compute_reservation: Percentage kept free for identifiers that are not active yet, 0 to 99.
    """

    kind: ClassVar[str] = "scheduling policy"
    drift_rules: ClassVar[DriftRules] = DriftRules(
        update=("fairsharePolicy",),
        normalise={"fairsharePolicy.shareDistribution": _by_identifier, "fairsharePolicy.shareDecaySeconds": _decay},
    )

    name: str = attrs.field(validator=aws_name)
    shares: Mapping[str, float] = attrs.field(
        factory=dict[str, float], converter=_weights, validator=_shares_legal, hash=False
    )
    share_decay_s: int | None = attrs.field(default=None, validator=whole(0, 604_800, "seconds"))
    compute_reservation: int | None = attrs.field(default=None, validator=whole(0, 99, "percent"))

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        policy: dict[str, object] = {
            "shareDistribution": [
                {"shareIdentifier": identifier, "weightFactor": weight} for identifier, weight in self.shares.items()
            ],
            "shareDecaySeconds": self.share_decay_s,
            "computeReservation": self.compute_reservation,
        }
        said = {key: value for key, value in policy.items() if value is not None}
        return {"name": self.name, "fairsharePolicy": said}

    @property
    def _arn(self) -> str:
        # AWS describes a policy by its ARN only, and its ARN follows from its name.
        session = self.session
        return f"arn:{session.partition}:batch:{session.region}:{session.account_id}:scheduling-policy/{self.name}"

    def _read(self, resolved: Resolved) -> SchedulingPolicyDescription | None:
        found = self.session.batch.describe_scheduling_policies(arns=[self._arn])["schedulingPolicies"]
        if not found:
            return None
        return structure(SchedulingPolicyDescription, found[0], read_at=self.session.clock.now())

    def _create(self, request: Mapping[str, object]) -> None:
        self.session.batch.create_scheduling_policy(**cast("Any", request))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: SchedulingPolicyDescription) -> None:
        self.session.batch.update_scheduling_policy(
            arn=seen.arn, fairsharePolicy=cast("Any", request["fairsharePolicy"])
        )

    def _delete(self, seen: SchedulingPolicyDescription) -> None:
        self.session.batch.delete_scheduling_policy(arn=seen.arn)

    def _tag(self, seen: SchedulingPolicyDescription, tags: Mapping[str, str]) -> None:
        self.session.batch.tag_resource(resourceArn=seen.arn, tags=dict(tags))

    def _untag(self, seen: SchedulingPolicyDescription, keys: Collection[str]) -> None:
        self.session.batch.untag_resource(resourceArn=seen.arn, tagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[SchedulingPolicyDescription]:
        """Every policy of the account's region that the session's namespace made."""
        pages = session.batch.get_paginator("list_scheduling_policies").paginate()
        arns = [item["arn"] for page in pages for item in page["schedulingPolicies"]]
        for start in range(0, len(arns), 100):
            answer = session.batch.describe_scheduling_policies(arns=arns[start : start + 100])
            for item in answer["schedulingPolicies"]:
                if namespace_in(item.get("tags", {})) == session.namespace:
                    yield structure(SchedulingPolicyDescription, item, read_at=session.clock.now())
