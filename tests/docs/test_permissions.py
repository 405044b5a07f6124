"""The documented IAM policies allow every request that batchwright makes."""

import json
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs
import pytest

from batchwright import BatchSession, Mount, Resource, Secret
from batchwright.diagnosis.areas import AREAS
from batchwright.diagnosis.rules import RULES
from batchwright.local.in_process import InProcessAws
from batchwright.resources.consumable_resource import client_knows
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.teardown_rights import teardown_policy

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "permissions.md"
PREFIXES = {"efs": "elasticfilesystem", "cloudwatch-logs": "logs", "secrets-manager": "secretsmanager", "sfn": "states"}
NEEDS_NO_RIGHT = {"sts:GetCallerIdentity", "dynamodb:TransactWriteItems"}
"""A transaction needs the rights to its writes."""
SAME_RIGHT = {"batch:CancelJobs": "batch:CancelJob", "batch:TerminateJobs": "batch:TerminateJob"}
"""Calls for many that need the right to the call for one."""
TAGGING = {
    "batch": "batch:TagResource",
    "efs": "elasticfilesystem:TagResource",
    "ec2": "ec2:CreateTags",
    "dynamodb": "dynamodb:TagResource",
    "secretsmanager": "secretsmanager:TagResource",
    "ssm": "ssm:AddTagsToResource",
    "states": "states:TagResource",
}
"""The right that a create call with tags needs besides its own; IAM's are by kind."""
MORE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/*"}],
}


def statements(which: str) -> list[dict[str, Any]]:
    found = re.search(rf"<!-- policy: {which} -->\n```json\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert found is not None, which
    return json.loads(found[1])["Statement"]


def allowed(which: str) -> set[str]:
    """The actions that a documented policy allows."""
    actions: set[str] = set()
    for statement in statements(which):
        listed = statement["Action"]
        actions.update([listed] if isinstance(listed, str) else listed)
    return actions


def used(calls: Iterable[tuple[str, str]]) -> set[str]:
    """The actions that these requests need."""
    actions = {f"{PREFIXES.get(service, service)}:{operation}" for service, operation in calls} - NEEDS_NO_RIGHT
    return {SAME_RIGHT.get(action, action) for action in actions}


def everything(session: BatchSession, *, changed: bool = False) -> list[Resource[Any]]:
    """One of each kind, with what makes it write the most; changed in all that can be changed."""
    tags = {"project": "b" if changed else "a"} if changed else {"project": "a", "gone": "soon"}
    policy = session.scheduling_policy(name="fair", shares={"a": 2 if changed else 1}, tags=tags)
    environment = session.compute_environment(name="lab", max_vcpus=8 if changed else 4, tags=tags)
    queue = session.job_queue(
        name="lab", compute_environments=environment, priority=2 if changed else 1, scheduling_policy=policy, tags=tags
    )
    volume = session.efs_volume(
        name="scratch",
        retain=False,
        throughput_mode="bursting" if changed else "elastic",
        access_point=AccessPoint(path="/two" if changed else "/one"),
        tags=tags,
    )
    tracker = session.status_tracker(
        name="batchwright-lab-jobs",
        retain=False,
        billing_mode="PROVISIONED" if changed else "PAY_PER_REQUEST",
        tags=tags,
    )
    role = session.iam_role(
        name="convert",
        access_to=tracker,
        managed_policies="CloudWatchReadOnlyAccess" if not changed else (),
        inline_policies={} if changed else {"more": MORE},
        trusted_service="ecs-tasks.amazonaws.com" if not changed else "ec2.amazonaws.com",
        tags=tags,
    )
    definition = session.job_definition(
        name="convert",
        image="ghcr.io/lab/convert:2.1" if not changed else "ghcr.io/lab/convert:2.2",
        job_role=role,
        secrets={"KEY": Secret("arn:aws:secretsmanager:us-east-2:123456789012:secret:key")},
        volumes={"/mnt/efs": Mount(volume)},
        tags=tags,
    )
    stored = [
        session.stored_secret(name="key", store=store, value="b" if changed else "a", tags=tags)
        for store in ("secretsmanager", "ssm")
    ]
    group = session.security_group(name="extra", tags=tags)
    profile = session.instance_profile(name="extra", role=session.defaults.instance_role, tags=tags)
    steps = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"} if changed else {"Type": "Pass", "End": True}}}
    acting = session.iam_role(name="acting", trusted_service="states.amazonaws.com")
    machine = session.state_machine(name="steps", definition=steps, role=acting, tags=tags)
    made = [queue, definition, tracker, group, profile, machine, *stored]
    if client_knows():
        made.append(session.consumable_resource(name="units", total_quantity=2 if changed else 1, tags=tags))
    return made


def test_the_policy_covers_everything_that_is_called(session: BatchSession, aws: InProcessAws) -> None:
    """Making, changing, running, reading, listing and deleting one of each kind needs no action besides."""
    lab = BatchSession("lab", boto3_session=aws.boto3_session(), clock=session.clock)
    lab.ensure(*everything(lab))
    queue, definition, tracker, *_ = everything(lab, changed=True)
    report = lab.ensure(*everything(lab, changed=True))
    assert sum(outcome.action.value == "updated" for outcome in report.values()) >= 8
    jobs = [
        lab.batch_job(name=f"sub-{n}", definition=definition, queue=queue, tracker=tracker, share_identifier="a")
        for n in range(3)
    ]
    jobs[0] = attrs.evolve(jobs[0], run_at_most_once=client_knows())
    lab.ensure(*jobs)
    lab.cancel(jobs[1])
    lab.terminate(jobs[2])
    lab.wait(jobs, check=False)
    jobs[0].logs()
    tracker.sync()
    tracker.update(jobs[0].submission_id, "seen")
    tracker.rows()
    temporary = lab.efs_volume(name="temporary", retain=False, teardown="temporary")
    later = attrs.evolve(jobs[1], name="later")
    lab.ensure(lab.teardown(name="temporary", after=later, volume=temporary))
    lab.ensure(temporary)
    lab.inventory()
    lab.delete()
    lab.stored_secret(name="key", value="c").ensure()  # within the week in which it can be taken back
    assert used(aws.calls) - allowed("everything") == set()


def test_the_policy_covers_the_tags_of_what_is_made() -> None:
    """What is made with tags needs the right to tag it, which no request of its own shows."""
    rights = allowed("everything")
    assert set(TAGGING.values()) <= rights
    assert {"iam:TagRole", "iam:TagInstanceProfile", "iam:PassRole", "iam:CreateServiceLinkedRole"} <= rights


def test_the_policy_has_nothing_that_nobody_calls(session: BatchSession, aws: InProcessAws) -> None:
    """Least privilege: every action is one of an operation in the source, or is known to be needed beside one."""
    source = Path(__file__).parents[2] / "src" / "batchwright"
    text = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py") if "local" not in path.parts)
    beside = {
        "iam:PassRole",
        "iam:CreateServiceLinkedRole",
        "ec2:DescribeNetworkInterfaces",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:ModifyNetworkInterfaceAttribute",
    }
    for action in allowed("everything") - beside:
        operation = re.sub(r"(?<!^)(?=[A-Z])", "_", action.partition(":")[2]).lower()
        assert re.search(rf"\b{operation}\b", text), f"{action}: nothing calls {operation}"


def test_the_smaller_policy_is_enough_to_submit(session: BatchSession, aws: InProcessAws) -> None:
    """Once everything is there, a job's whole life needs what the smaller policy allows."""
    clock = session.clock
    made = BatchSession("lab", boto3_session=aws.boto3_session(), clock=clock)
    definition = made.job_definition(name="convert", image="convert:1", volumes={"/mnt": made.efs_volume(name="s")})
    made.ensure(made.batch_job(name="before", definition=definition))
    aws.calls.clear()

    lab = BatchSession("lab", boto3_session=aws.boto3_session(), clock=clock)
    definition = lab.job_definition(name="convert", image="convert:1", volumes={"/mnt": lab.efs_volume(name="s")})
    jobs = [lab.batch_job(name=name, definition=definition) for name in ("one", "two", "three")]
    lab.ensure(*jobs)
    lab.cancel(jobs[1])
    lab.terminate(jobs[2])
    lab.wait(jobs, check=False)
    jobs[0].logs()
    attrs.evolve(jobs[0], run=2, submission_id="lab/one/2").ensure()
    assert len(lab.jobs()) == 5
    assert used(aws.calls) - allowed("submit") == set()
    assert allowed("submit") <= allowed("everything")


def test_the_policy_to_diagnose_has_what_the_rules_ask() -> None:
    """Neither more nor less; and all of it only reads."""
    assert AREAS
    rules, *_ = statements("diagnose")
    assert set(rules["Action"]) == {action for rule in RULES.values() for action in rule.actions}
    reads = ("Describe", "Get", "List", "Scan", "BatchGet")
    assert all(action.partition(":")[2].startswith(reads) for action in allowed("diagnose"))


def test_the_policy_to_diagnose_is_enough(session: BatchSession, aws: InProcessAws) -> None:
    """For whatever can be diagnosed, and for a session as a whole, whoever has made what it finds."""
    lab = BatchSession("lab", boto3_session=aws.boto3_session(), clock=session.clock)
    made = lab.ensure(*everything(lab))
    queue, definition, tracker, *_ = everything(lab)
    job = lab.batch_job(name="sub-01", definition=definition, queue=queue, tracker=tracker, share_identifier="a")
    lab.ensure(job)
    aws.advance(8)  # it waits, and is shown
    aws.calls.clear()
    for thing in (*made, job, lab.jobs(), job.describe()):
        lab.diagnose(thing)
    other = BatchSession("lab", boto3_session=aws.boto3_session(), clock=session.clock)
    for each in (lab, other):
        assert f"job 'sub-01' ({job.job_id()})" in each.diagnose().subjects
    assert used(aws.calls) - allowed("diagnose") == set()


def test_the_rights_of_a_teardown_are_told_as_they_are() -> None:
    """What the page prints is the policy of the role, word for word."""
    printed = {"Version": "2012-10-17", "Statement": statements("teardown")}
    assert printed == teardown_policy(BatchSession("lab", region="us-east-2"))


@pytest.mark.parametrize("which", ["everything", "submit"])
def test_rights_end_at_the_namespace_where_iam_lets_them(which: str) -> None:
    """No right to write to roles, profiles or tables reaches beyond the namespace's own."""
    for statement in statements(which):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        writes = [
            action
            for action in actions
            if action.startswith(("iam:", "dynamodb:", "secretsmanager:", "ssm:", "states:"))
            and not fnmatchcase(action, "*:List*")
            and action != "ssm:DescribeParameters"
        ]
        if writes and "Condition" not in statement:
            assert all("lab" in resource for resource in resources), statement["Sid"]
