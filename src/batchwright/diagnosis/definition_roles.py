"""Rules of the roles of a job definition: the one that starts its containers, and the one that they run with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.batch_facts import DEFINITIONS
from batchwright.diagnosis.definition_parts import Task, tasks_of
from batchwright.diagnosis.environment_roles import LOG_ACTIONS, PULL_ACTIONS
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.foreign import OTHERS
from batchwright.diagnosis.iam_facts import POLICIES, ROLE, documents_of, is_of_account, not_allowed, role_of
from batchwright.diagnosis.rights import lacking, trusts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import DefinitionSubject
from batchwright.findings import Finding, error, warning
from batchwright.values import SECRET_ARN

_EXECUTION: Final = "https://docs.aws.amazon.com/batch/latest/userguide/check-execution-role.html"
_RIGHTS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"
_JOB: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"
_TASKS: Final = "ecs-tasks.amazonaws.com"
_BY_THE_THING: Final = frozenset(
    {"secretsmanager:GetSecretValue", *(each for each in PULL_ACTIONS if each != "ecr:GetAuthorizationToken")}
)
"""What a secret's or repository's own policy may allow as well, which is not read here."""


@rule(
    "execution-role-unusable",
    of=DefinitionSubject,
    says="the execution role of the job definition does not exist, or does not trust ecs-tasks.amazonaws.com",
    actions=(DEFINITIONS, ROLE),
    source=_EXECUTION,
)
def execution_role_unusable(facts: Facts, subject: DefinitionSubject) -> Iterator[Finding]:
    """ECS takes it on before the container starts."""
    for task in tasks_of(facts, subject):
        yield from _unusable(facts, subject, task, "execution role", task.execution_role)


@rule(
    "job-role-unusable",
    of=DefinitionSubject,
    says="the job role of the job definition does not exist, or does not trust ecs-tasks.amazonaws.com",
    actions=(DEFINITIONS, ROLE),
    source=_JOB,
)
def job_role_unusable(facts: Facts, subject: DefinitionSubject) -> Iterator[Finding]:
    """The container does not start without it."""
    for task in tasks_of(facts, subject):
        yield from _unusable(facts, subject, task, "job role", task.job_role)


def _unusable(facts: Facts, subject: DefinitionSubject, task: Task, which: str, ref: str) -> Iterator[Finding]:
    if not ref or not is_of_account(ref, task.arn):
        return
    role = role_of(facts, ref)
    if role is None:
        yield error(
            f"{subject.label}: its {which} {ref} does not exist, so its container does not start.",
            f"{ROLE}: no such role",
            fix="Make the role again, or declare the definition with one that exists, and call ensure().",
        )
    elif not trusts(role.get("AssumeRolePolicyDocument") or {}, _TASKS):
        yield error(
            f"{subject.label}: its {which} {role['RoleName']} does not trust {_TASKS}: no container starts.",
            f"{ROLE}: the trust policy of {role['RoleName']} names no {_TASKS}",
            fix=f'Let ECS take it on: trusted_service="{_TASKS}", and ensure() on the role{OTHERS}.',
        )


@rule(
    "execution-role-rights",
    of=DefinitionSubject,
    says="the execution role lacks the right to write logs, to pull from ECR, or to read a secret of the definition",
    actions=(DEFINITIONS, ROLE, *POLICIES),
    source=_RIGHTS,
)
def execution_role_rights(facts: Facts, subject: DefinitionSubject) -> Iterator[Finding]:
    """On EC2 the instance's role pulls and writes; a secret is always read by the execution role."""
    for task in tasks_of(facts, subject):
        ref = task.execution_role
        role = role_of(facts, ref) if ref and is_of_account(ref, task.arn) else None
        if role is None or not (task.secrets or task.is_fargate):
            continue
        documents = documents_of(facts, role["RoleName"])
        missing: list[str] = []
        if task.is_fargate:
            wanted = (*(LOG_ACTIONS if task.log_options else ()), *(PULL_ACTIONS if task.images_of_ecr else ()))
            missing += lacking(documents, wanted)
        for variable, arn in task.secrets.items():
            missing += [f"{action} (for {variable})" for action in lacking(documents, *_reading(arn))]
        if missing:
            yield _lacks_rights(subject, role["RoleName"], tuple(missing))


def _lacks_rights(subject: DefinitionSubject, role: str, missing: tuple[str, ...]) -> Finding:
    is_granted_elsewhere = all(each.partition(" ")[0] in _BY_THE_THING for each in missing)
    say = warning if is_granted_elsewhere else error
    unless = ", unless the policy of the secret or repository itself allows it" if is_granted_elsewhere else ""
    return say(
        f"{subject.label}: its execution role {role} lacks rights: its container does not start{unless}.",
        not_allowed(role, missing),
        fix="Allow it these actions; the session's own execution role has them, for just these secrets.",
    )


def _reading(ref: str) -> tuple[tuple[str, ...], str]:
    """The action that reads a secret, and the ARN that it is on; a parameter's name alone says too little."""
    if ":secretsmanager:" in ref:
        # What follows a secret's name picks a part of it, which IAM does not tell.
        return ("secretsmanager:GetSecretValue",), ":".join(ref.split(":")[:7])
    return ("ssm:GetParameters",), ref if SECRET_ARN.fullmatch(ref) else ""
