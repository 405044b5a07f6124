"""Rules of what a job definition names in other services: log groups and secrets, of which no value is ever read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from batchwright.diagnosis.batch_facts import DEFINITIONS
from batchwright.diagnosis.definition_parts import tasks_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.iam_facts import is_of_account
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import DefinitionSubject
from batchwright.findings import Finding, error

LOG_GROUPS: Final = "logs:DescribeLogGroups"
SECRET: Final = "secretsmanager:DescribeSecret"  # noqa: S105  # the name of an action
PARAMETERS: Final = "ssm:DescribeParameters"
_LOGS: Final = "https://docs.aws.amazon.com/batch/latest/userguide/using_awslogs.html"
_SECRETS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html"


@rule(
    "log-group-missing",
    of=DefinitionSubject,
    says="the log group that the job definition names does not exist, and it does not say that it is to be made",
    actions=(DEFINITIONS, LOG_GROUPS),
    source=_LOGS,
)
def log_group_missing(facts: Facts, subject: DefinitionSubject) -> Iterator[Finding]:
    """A container whose log has no place does not start."""
    for options in (each for task in tasks_of(facts, subject) for each in task.log_options):
        group = options.get("awslogs-group", "")
        is_made = str(options.get("awslogs-create-group", "")).lower() in ("true", "t", "1")  # as Go reads them
        is_elsewhere = options.get("awslogs-region", facts.session.region) != facts.session.region
        if group and not is_made and not is_elsewhere and not _has_group(facts, group):
            # Options of a log driver are never shown, since a token may be among them.
            yield error(
                f"{subject.label}: the log group that its option awslogs-group names does not exist, so its container "
                "does not start.",
                f"{LOG_GROUPS}: no group of that name",
                fix="Make the group (`aws logs create-log-group`), or set the option awslogs-create-group to 'true'.",
            )


def _has_group(facts: Facts, group: str) -> bool:
    def read() -> bool:
        pages = facts.session.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
        return any(each.get("logGroupName") == group for page in pages for each in page["logGroups"])

    return facts.fact(LOG_GROUPS, group, read) is True


@rule(
    "secret-missing",
    of=DefinitionSubject,
    says="a secret or parameter that the job definition names does not exist, or is being deleted",
    actions=(DEFINITIONS, SECRET, PARAMETERS),
    source=_SECRETS,
)
def secret_missing(facts: Facts, subject: DefinitionSubject) -> Iterator[Finding]:
    """It is described and never read."""
    named = [(task.arn, *each) for task in tasks_of(facts, subject) for each in task.secrets.items()]
    for arn, variable, ref in named:
        is_secret = ":secretsmanager:" in ref
        if _region_in(ref) not in ("", facts.session.region) or not is_of_account(ref, arn):
            continue
        state = _secret_state(facts, ":".join(ref.split(":")[:7])) if is_secret else _parameter_state(facts, ref)
        if state:
            yield error(
                f"{subject.label}: the {'secret' if is_secret else 'parameter'} of its variable {variable} {state}, so "
                "its container does not start.",
                f"{SECRET if is_secret else PARAMETERS}: {ref} {state}",
                fix="Store it again with ensure() on the StoredSecret, or take the variable out of the definition.",
            )


def _region_in(ref: str) -> str:
    return ref.split(":")[3] if ref.startswith("arn:") else ""


def _secret_state(facts: Facts, arn: str) -> str:
    """What is wrong with a secret; empty where it can be read."""

    def read() -> Mapping[str, Any]:
        answer: Any = facts.session.secretsmanager.describe_secret(SecretId=arn)
        return {"DeletedDate": answer.get("DeletedDate")}  # nothing else of it is of use

    seen = facts.fact(SECRET, arn, read)
    return "does not exist" if seen is None else "is being deleted" if seen["DeletedDate"] else ""


def _parameter_state(facts: Facts, ref: str) -> str:
    """What is wrong with a parameter, by its ARN or name; empty where it can be read."""
    _, is_arn, path = ref.partition(":parameter/")
    names = [f"/{path}", path] if is_arn and "/" not in path else [f"/{path}"] if is_arn else [ref]

    def read() -> bool:
        wanted: Any = [{"Key": "Name", "Option": "Equals", "Values": names}]
        # An empty page may have further ones behind it.
        pages = facts.session.ssm.get_paginator("describe_parameters").paginate(ParameterFilters=wanted)
        return any(page["Parameters"] for page in pages)

    return "" if facts.fact(PARAMETERS, ref, read) else "does not exist"
