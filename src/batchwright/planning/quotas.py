"""Rules over what a region or an account can hold: what is there is counted, and what is to be made added."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from batchwright.declaration import Declaration
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import Rule
from batchwright.findings import Distance, Finding, error, warning
from batchwright.planning.outlook import Outlook
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_reading import LEAVING, every_file_system
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.iam_role import IamRole
from batchwright.resources.instance_profile import InstanceProfile
from batchwright.resources.job_queue import JobQueue

NEAR: Final = 0.8
"""The share of a quota from which on it is told of."""

_BATCH: Final = "https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html"
_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_FIXED: Final = "AWS raises this quota for nobody: delete what is not needed any more, or use another region."
_RAISED: Final = "Delete what is not needed any more, or ask for more in the Service Quotas console."
Count = Callable[[Facts], tuple[int, int] | None]
"""How many there are, and how many there can be; None where AWS says nothing."""


@attrs.frozen(kw_only=True)
class Quota:
    """How many things of one kind there can be.

    Attributes:
        kind: What is counted.
        plural: How one calls several of them.
        action: The IAM action that counting needs.
        count: Counts them.
        source: Where AWS says how many.
        where: Of what this is a quota.
        way_out: What to do.
    """

    kind: type[Declaration]
    plural: str
    action: str
    count: Count
    source: str
    where: str = "the region"
    way_out: str = _FIXED

    def check(self, facts: Facts, outlook: Outlook) -> Iterator[Finding]:
        """Only where some are to be made anything is counted."""
        coming = outlook.coming(self.kind)
        told = self.count(facts) if coming else None
        if told is None:
            return
        there, most = told
        evidence = f"{self.action}: {there} are there, and {coming} would be made"
        if (refused := there + coming - most) > 0:
            yield error(
                f"AWS will refuse {refused} {self.plural}: {self.where} takes {most}.", evidence, fix=self.way_out
            )
        elif there + coming >= NEAR * most:
            told_so = f"There will be {there + coming} {self.plural}, and {self.where} takes {most}."
            yield warning(told_so, evidence, fix=self.way_out)

    def rule(self) -> Rule:
        """The rule that looks at it."""
        return Rule(
            id="quota-" + self.plural.replace(" ", "-").lower(),
            of=Outlook,
            says=f"The {self.plural} that {self.where} takes, from {NEAR:.0%} of them.",
            source=self.source,
            actions=(self.action,),
            distance=Distance.CAUSE,
            check=self.check,
        )


def _queues(facts: Facts) -> tuple[int, int] | None:
    def count() -> tuple[int, int]:
        pages = facts.session.batch.get_paginator("describe_job_queues").paginate()
        return sum(each.get("status") != "DELETED" for page in pages for each in page["jobQueues"]), 50

    return facts.fact("batch:DescribeJobQueues", "all", count)


def _environments(facts: Facts) -> tuple[int, int] | None:
    def count() -> tuple[int, int]:
        pages = facts.session.batch.get_paginator("describe_compute_environments").paginate()
        return sum(each.get("status") != "DELETED" for page in pages for each in page["computeEnvironments"]), 50

    return facts.fact("batch:DescribeComputeEnvironments", "all", count)


def _file_systems(facts: Facts) -> tuple[int, int] | None:
    def count() -> tuple[int, int]:
        return sum(each["LifeCycleState"] not in LEAVING for each in every_file_system(facts.session)), 1000

    return facts.fact("elasticfilesystem:DescribeFileSystems", "all", count)


def _of_iam(entity: str) -> Count:
    """IAM counts by itself, and knows what was agreed on for the account."""

    def summary(facts: Facts) -> dict[str, int]:
        return {str(name): number for name, number in facts.session.iam.get_account_summary()["SummaryMap"].items()}

    def count(facts: Facts) -> tuple[int, int] | None:
        told = facts.fact("iam:GetAccountSummary", "all", lambda: summary(facts))
        return (told.get(entity, 0), told.get(f"{entity}Quota", 1000)) if told else None

    return count


QUOTAS: Final = (
    Quota(kind=JobQueue, plural="job queues", action="batch:DescribeJobQueues", count=_queues, source=_BATCH),
    Quota(
        kind=ComputeEnvironment,
        plural="compute environments",
        action="batch:DescribeComputeEnvironments",
        count=_environments,
        source=_BATCH,
    ),
    Quota(
        kind=EfsVolume,
        plural="EFS file systems",
        action="elasticfilesystem:DescribeFileSystems",
        count=_file_systems,
        source="https://docs.aws.amazon.com/efs/latest/ug/limits.html",
        way_out=_RAISED,
    ),
    Quota(
        kind=IamRole,
        plural="IAM roles",
        where="the account",
        action="iam:GetAccountSummary",
        count=_of_iam("Roles"),
        source=_IAM,
        way_out=_RAISED,
    ),
    Quota(
        kind=InstanceProfile,
        plural="instance profiles",
        where="the account",
        action="iam:GetAccountSummary",
        count=_of_iam("InstanceProfiles"),
        source=_IAM,
        way_out=_RAISED,
    ),
)
RULES: Final = tuple(quota.rule() for quota in QUOTAS)
