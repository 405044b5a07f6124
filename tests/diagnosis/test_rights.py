"""What policies of IAM allow, read as IAM reads them."""

import pytest

from batchwright.diagnosis.rights import lacking, trusts


def allowing(*actions: str, effect: str = "Allow", **more: object) -> dict[str, object]:
    """A policy document of one statement."""
    return {"Statement": {"Effect": effect, "Action": list(actions), "Resource": "*", **more}}


@pytest.mark.parametrize(
    ("documents", "missing"),
    [
        ([allowing("ecs:*")], ()),
        ([allowing("ECS:poll")], ()),
        ([allowing("ecs:P?ll")], ()),
        ([allowing("ecs:Submit*")], ("ecs:Poll",)),
        ([], ("ecs:Poll",)),
        ([{"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}], ()),
        ([allowing("*"), allowing("ecs:Poll", effect="Deny")], ("ecs:Poll",)),
        ([allowing("*"), allowing("ecs:Poll", effect="Deny", Condition={"Bool": {"a": "b"}})], ()),
        ([allowing("ecs:Poll", Condition={"Bool": {"a": "b"}})], ()),
    ],
)
def test_rights(documents: list[dict[str, object]], missing: tuple[str, ...]) -> None:
    """Wildcards, case, NotAction and Deny are read as IAM reads them, and conditions in the role's favour."""
    assert lacking(documents, ["ecs:Poll"]) == missing


def test_rights_on_one_thing() -> None:
    """A right to one secret is none to another, and a denial of one thing denies no other."""
    secret = "arn:aws:secretsmanager:us-east-2:123456789012:secret:lab/key"
    read = "secretsmanager:GetSecretValue"
    of_one = allowing(read, Resource=[f"{secret}-??????"])
    assert lacking([of_one], [read], f"{secret}-a1b2c3") == ()
    assert lacking([of_one], [read], f"{secret}2-a1b2c3") == (read,)
    denied = allowing(read, effect="Deny", Resource=f"{secret}-a1b2c3")
    assert lacking([allowing(read), denied], [read], f"{secret}-a1b2c3") == (read,)
    assert lacking([allowing(read), denied], [read], f"{secret}-000000") == ()
    assert lacking([{"Statement": [{"Effect": "Allow", "Action": read, "NotResource": secret}]}], [read], secret) == (
        read,
    )


@pytest.mark.parametrize(
    ("principal", "is_trusted"),
    [
        ({"Service": "ec2.amazonaws.com"}, True),
        ({"Service": ["batch.amazonaws.com", "ec2.amazonaws.com.cn"]}, True),
        ({"Service": "ecs-tasks.amazonaws.com"}, False),
        ({"AWS": "*"}, True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, False),
        ("*", True),
    ],
)
def test_trust(principal: object, is_trusted: bool) -> None:
    """A service is trusted by its name, by China's name of it, or with everybody."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    assert trusts({"Statement": [statement]}, "ec2.amazonaws.com") is is_trusted
    assert not trusts({"Statement": [{**statement, "Effect": "Deny"}]}, "ec2.amazonaws.com")
