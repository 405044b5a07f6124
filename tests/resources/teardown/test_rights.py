"""What the role of tear-downs may do is what they do, and no more."""

from fnmatch import fnmatchcase
from typing import Any

import attrs
import pytest

from batchwright import IamRole
from batchwright.local.state_machines.failures import StateFailure
from batchwright.local.state_machines.tasks import Tasks

from .conftest import Deployment

IAM_PREFIX = {"efs": "elasticfilesystem", "stepfunctions": "states"}
BESIDE = {"ec2:DeleteNetworkInterface"}
"""What EFS does in the role's name, which no call of the machine's own shows."""


@attrs.define
class Watched:
    """What the machine calls: (action, request), and what it is refused."""

    calls: list[tuple[str, dict[str, Any]]] = attrs.field(factory=list[tuple[str, dict[str, Any]]])
    refused: str = ""


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Notes what state machines call, and refuses one action as AWS does where a right is missing."""
    noted, call = Watched(), Tasks._called

    def note(tasks: Tasks, execution: Any, integration: Any, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
        prefix = IAM_PREFIX.get(integration.boto_name, integration.boto_name)
        action = f"{prefix}:{integration.operation.name}"
        noted.calls.append((action, request))
        if action == noted.refused:
            cause = f"User: {execution.machine.role_arn} is not authorized to perform: {action}"
            raise StateFailure(f"{integration.error_prefix}.{integration.error_prefix}Exception", cause)
        return call(tasks, execution, integration, request)

    monkeypatch.setattr(Tasks, "_called", note)
    return noted


def allowed(deployment: Deployment) -> dict[str, list[str]]:
    """By action, the resources for which the role allows it."""
    role: Any = deployment.teardown().machine.role
    assert isinstance(role, IamRole)
    found: dict[str, list[str]] = {}
    for document in role.describe().inline_policies.values():
        statements: Any = document["Statement"]
        for statement in statements:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                found.setdefault(action, []).append(statement["Resource"])
    return found


def test_it_may_do_what_it_does_and_no_more(
    deployment: Deployment, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each action of the role is one of a step's, and each step's is one of the role's."""
    monkeypatch.setattr("batchwright.resources.teardown_runs.TURNS_MAX", 2)
    secrets = [
        deployment.session.stored_secret(name="a", value="x", store=store) for store in ("ssm", "secretsmanager")
    ]
    teardown = deployment.begin(secrets=secrets)
    deployment.session.ensure(*secrets, *teardown.after)
    assert deployment.until_ended(teardown).status == "SUCCEEDED"
    assert {action for action, _ in watched.calls} == allowed(deployment).keys() - BESIDE


def test_its_rights_end_at_what_it_deletes(deployment: Deployment, watched: Watched) -> None:
    """The secret, the table and the machine that it names lie within the resources of the statements."""
    teardown = deployment.begin()
    deployment.session.ensure(*teardown.after)
    deployment.until_ended(teardown)
    rights = allowed(deployment)
    named = dict(watched.calls)
    parameter = f"arn:aws:ssm:us-east-2:123456789012:parameter{named['ssm:DeleteParameter']['Name']}"
    table = f"arn:aws:dynamodb:us-east-2:123456789012:table/{named['dynamodb:GetItem']['TableName']}"
    assert any(fnmatchcase(parameter, pattern) for pattern in rights["ssm:DeleteParameter"])
    assert any(fnmatchcase(table, pattern) for pattern in rights["dynamodb:GetItem"])
    assert not any(fnmatchcase(table + "2", pattern) for pattern in rights["dynamodb:GetItem"])
    assert fnmatchcase(teardown.machine.describe().arn, rights["states:StartExecution"][0])


@pytest.mark.parametrize("action", ["dynamodb:GetItem", "elasticfilesystem:DeleteMountTarget", "ssm:DeleteParameter"])
def test_a_missing_right_fails_it_with_the_reason(deployment: Deployment, watched: Watched, action: str) -> None:
    """It tries for some twenty minutes, since rights take time to spread; then the description names the action."""
    teardown = deployment.begin()
    deployment.session.ensure(*teardown.after)
    watched.refused = action
    seen = deployment.until_ended(teardown, 7200)
    assert seen.status == "FAILED"
    assert f"not authorized to perform: {action}" in seen.status_reason
    watched.refused = ""
    teardown.ensure()
    assert deployment.until_ended(teardown).status == "SUCCEEDED"
    assert deployment.is_left == (False, False)


def test_rights_that_spread_late_fail_nothing(deployment: Deployment, watched: Watched) -> None:
    """A refusal in the first minutes of a role is tried again."""
    teardown = deployment.begin()
    deployment.session.ensure(*teardown.after)
    watched.refused = "batch:DescribeJobs"
    deployment.pass_time(300)
    assert teardown.describe().status == "RUNNING"
    watched.refused = ""
    assert deployment.until_ended(teardown).status == "SUCCEEDED"
