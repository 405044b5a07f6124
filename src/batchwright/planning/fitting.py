"""Rules over what declarations alone tell: a job that fits nowhere, and what comes near a size that AWS takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from batchwright.declaration import Declaration
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import Rule
from batchwright.findings import Distance, Finding, error, warning
from batchwright.planning.outlook import Outlook, Wanted
from batchwright.planning.plan import Standing
from batchwright.planning.quotas import NEAR
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.definition_checks import REQUEST_MAX_BYTES as DEFINITION_MAX_BYTES
from batchwright.resources.definition_checks import request_size
from batchwright.resources.definition_limits import stand_in_request
from batchwright.resources.iam_policies import canonical
from batchwright.resources.iam_role import IamRole
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_request import REQUEST_MAX_BYTES as JOB_MAX_BYTES
from batchwright.resources.job_request import own_part

_BATCH: Final = "https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html"
_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


def _fits_nowhere(_: Facts, wanted: Wanted) -> Iterator[Finding]:
    """No environment of its queue has as many vCPUs as the job asks for."""
    job = wanted.resource
    if not isinstance(job, BatchJob) or not wanted.is_new:
        return
    asked = job.definition.vcpus if job.vcpus is None else job.vcpus
    most = {each: _max_vcpus(each, wanted.outlook) for each in job.required_queue.compute_environments}
    if most and asked > max(most.values()):
        queue = job.required_queue.label
        yield error(
            f"It asks for {asked:g} vCPUs and would never start: no environment of {queue} has as many.",
            *(f"{each.label} has max_vcpus={number}" for each, number in most.items()),
            fix="Declare fewer vcpus for the job, or more max_vcpus for an environment of its queue.",
        )


def _max_vcpus(environment: ComputeEnvironment, outlook: Outlook) -> int:
    """What it will have: what is declared, and where it is not ours what is there."""
    if environment in outlook.resolved:
        seen = outlook.resolved[environment]
        if not environment.owned(seen):
            return seen.max_vcpus
    return environment.max_vcpus


@attrs.frozen(kw_only=True)
class Size:
    """Something of one declaration that AWS takes only so much of.

    Attributes:
        id: The id of the rule.
        kind: Of which kind.
        what: What is measured, with its unit.
        most: How much AWS takes.
        measure: Measures it.
        source: Where AWS says so.
        way_out: What to do.
        can_be_raised: Whether AWS takes more of an account with which it has agreed so.
    """

    id: str
    kind: type[Declaration]
    what: str
    most: int
    measure: Callable[[Any], int]
    source: str
    way_out: str
    can_be_raised: bool = False

    def check(self, _: Facts, wanted: Wanted) -> Iterator[Finding]:
        """Only what is to be written is measured; what is too large a declaration refuses, as far as it knows."""
        if wanted.standing is Standing.KEPT:
            return
        size = self.measure(wanted.resource)
        if size > self.most and not self.can_be_raised:
            yield error(f"AWS will refuse it: {self.what} are {size:,}, and it takes {self.most:,}.", fix=self.way_out)
        elif size >= NEAR * self.most:
            default = " where no more was agreed on" if self.can_be_raised else ""
            yield warning(f"{self.what} are {size:,}, and AWS takes {self.most:,}{default}.", fix=self.way_out)

    def rule(self) -> Rule:
        """The rule that measures it."""
        return Rule(
            id=self.id,
            of=self.kind,
            says=f"{self.what}, from {NEAR:.0%} of the {self.most:,} that AWS takes of one {self.kind.kind}.",
            source=self.source,
            actions=(),
            distance=Distance.CAUSE,
            check=self.check,
        )


def _policy_characters(role: IamRole) -> int:
    """All inline policies together; IAM counts no white space. A table's policy would cost a call: one is small."""
    documents = [*role.inline_policies.values()]
    if len(role.access_to) > 1:
        documents += [item.access_policy()[1] for item in role.access_to]
    return sum(len("".join(canonical(document).split())) for document in documents)


_SHORTEN: Final = "Put long commands and values into a file or an image, and the request gets smaller."
SIZES: Final = (
    Size(
        id="definition-size",
        kind=JobDefinition,
        what="The bytes of its request",
        most=DEFINITION_MAX_BYTES,
        measure=lambda definition: request_size(stand_in_request(definition)),
        source=_BATCH,
        way_out=_SHORTEN,
    ),
    Size(
        id="job-size",
        kind=BatchJob,
        what="The bytes of its request",
        most=JOB_MAX_BYTES,
        measure=lambda job: request_size(own_part(job)),
        source=_BATCH,
        way_out=_SHORTEN,
    ),
    Size(
        id="job-dependencies",
        kind=BatchJob,
        what="The jobs that it waits for",
        most=20,
        measure=lambda job: len(job.depends_on),
        source=_BATCH,
        way_out="Wait for an array job, or for one job that waits for some of the others.",
    ),
    Size(
        id="role-policies",
        kind=IamRole,
        what="The characters of its inline policies",
        most=10_240,
        measure=_policy_characters,
        source=_IAM,
        way_out="Put statements into a managed policy, or give fewer secrets to one role.",
    ),
    Size(
        id="role-managed-policies",
        kind=IamRole,
        what="Its managed policies",
        most=10,
        measure=lambda role: len(role.managed_policies),
        source=_IAM,
        way_out="Put several into one, or ask for more in the Service Quotas console: up to 25 a role.",
        can_be_raised=True,
    ),
)
RULES: Final = (
    Rule(
        id="job-too-large",
        of=BatchJob,
        says="A job with more vCPUs than any compute environment of its queue can have.",
        source="https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_misconfiguration.html",
        actions=(),
        distance=Distance.CAUSE,
        check=_fits_nowhere,
    ),
    *(size.rule() for size in SIZES),
)
