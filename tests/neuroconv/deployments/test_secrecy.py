"""The rclone configuration shows nowhere but in the secret and in the one container that needs it."""

import json
import logging
import pickle
from typing import Any

import pytest

from .conftest import CONFIG, SECRET, Account

WITH_THE_TEXT = {("ssm", "PutParameter"), ("ssm", "GetParameter")}


@pytest.fixture
def wire(account: Account, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], list[str]]:
    """All that goes to AWS and comes back from now on, by service and operation."""
    seen: dict[tuple[str, str], list[str]] = {}
    answer = account.aws._answer

    def noting(request: Any, event_name: str, **more: Any) -> Any:  # noqa: ANN401  # botocore's own
        answered = answer(request, event_name, **more)
        service, operation = event_name.split(".")[1:]
        texts = [request.url, str(dict(request.headers)), _text(request.body), _text(answered.content)]
        seen.setdefault((service, operation), []).extend(texts)
        return answered

    monkeypatch.setattr(account.aws, "_answer", noting)
    return seen


def _text(body: bytes | str | None) -> str:
    return body.decode() if isinstance(body, bytes) else str(body or "")


def test_only_the_store_is_told(
    account: Account, wire: dict[tuple[str, str], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    """Of all requests and answers, log records included, those of the parameter alone hold the text."""
    with caplog.at_level(logging.DEBUG, logger="batchwright"):
        info = account.deploy()
        again = account.deploy().wait()
        info.wait_for_teardown()
    assert account.engine.environments["sub-01_rclone_transfer"]["RCLONE_CONFIG"] == CONFIG
    assert {call for call, texts in wire.items() if any(SECRET in text for text in texts)} == WITH_THE_TEXT
    assert len(wire) > 30
    for shown in (repr(info), str(info.__dict__), json.dumps(again), pickle.dumps(info).decode("latin-1"), caplog.text):
        assert SECRET not in shown


def test_nothing_that_aws_shows_has_it(account: Account) -> None:
    """Jobs, definitions, rows, tags of the parameter and what the tear-down was told."""
    account.deploy()
    batch, ssm, states = account.client("batch"), account.client("ssm"), account.client("stepfunctions")
    (parameter,) = account.parameters
    shown = [
        account.jobs(),
        account.rows,
        batch.describe_job_definitions()["jobDefinitions"],
        parameter,
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=parameter["Name"]),
        states.describe_execution(executionArn=account.executions[0]["executionArn"]),
        states.get_execution_history(executionArn=account.executions[0]["executionArn"]),
    ]
    assert parameter["Type"] == "SecureString"
    assert "sub-01_rclone_transfer" in str(shown)
    assert SECRET not in str(shown)
    assert "RCLONE_CONFIG" in str(shown[2])


def test_what_comes_for_it_may_read_nothing_else(account: Account) -> None:
    """The role that starts transfers reads configurations of the namespace, and no other secret; one for them all."""
    for name in ("sub-01", "sub-02"):
        account.deploy(job_name=name, efs_volume_name=name)
    iam = account.client("iam")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].endswith("-rclone")]
    assert roles == ["batchwright-neuroconv-us-east-2-rclone"]
    (policy,) = iam.list_role_policies(RoleName=roles[0])["PolicyNames"]
    statements = iam.get_role_policy(RoleName=roles[0], PolicyName=policy)["PolicyDocument"]["Statement"]
    assert {statement["Action"]: statement["Resource"] for statement in statements} == {
        "secretsmanager:GetSecretValue": (
            "arn:aws:secretsmanager:us-east-2:123456789012:secret:/batchwright/neuroconv/rclone/*-??????"
        ),
        "ssm:GetParameters": "arn:aws:ssm:us-east-2:123456789012:parameter/batchwright/neuroconv/rclone/*",
    }
    assert len(account.parameters) == 2


def test_the_end_of_one_transfer_takes_no_others_secret(account: Account) -> None:
    """Each submission has its own, also where two deployments have one configuration."""
    first = account.deploy()
    account.aws.advance(1800)
    account.deploy(job_name="sub-02", efs_volume_name="sub-02")
    first.wait().wait_for_teardown()
    assert len(account.parameters) == 1
    assert account.engine.environments["sub-02_rclone_transfer"]["RCLONE_CONFIG"] == CONFIG


def test_an_answer_that_is_refused_does_not_repeat_it(account: Account) -> None:
    """AWS's own words may hold what was sent."""
    from batchwright.local import Fault

    account.aws.faults.add(
        Fault.error("ValidationException", message=f"Value '{CONFIG}' is bad", operation="ssm:PutParameter")
    )
    with pytest.raises(ExceptionGroup) as caught:
        account.deploy()
    assert "is bad" in str(caught.value.exceptions[0])
    assert SECRET not in repr(caught.value) + "".join(map(str, caught.value.exceptions))
