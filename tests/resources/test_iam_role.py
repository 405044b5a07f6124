"""The contract of roles, and that they may do what they are told and no more."""

import json
from collections.abc import Mapping

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession
from batchwright.connection import Connection
from batchwright.errors import AwsError, DeclarationError, NotOwnedError, ReplacementRequiredError
from batchwright.local.in_process import InProcessAws
from batchwright.outcome import Resolved
from batchwright.resources.iam_role import IamRole
from batchwright.testing import ResourceContract
from batchwright.values import Action, OnDrift

EXECUTION = "service-role/AmazonECSTaskExecutionRolePolicy"
EXECUTION_ARN = f"arn:aws:iam::aws:policy/{EXECUTION}"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
WRITES = ("Create", "Delete", "Put", "Attach", "Detach", "Update", "Tag", "Untag")


def allow(action: str, *, resource: str = "*") -> dict[str, object]:
    """A policy document with one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


@attrs.frozen
class Table:
    """Stands for a status tracker: something that a role is given access to."""

    region: str

    def access_policy(self) -> tuple[str, Mapping[str, object]]:
        """One policy per region."""
        return f"rows-{self.region}", allow("dynamodb:GetItem", resource=f"arn:aws:dynamodb:{self.region}:*:table/rows")


class TestIamRole(ResourceContract):
    """A role keeps the contract of all resources."""

    mutable = {
        "tags": {"project": "reads"},
        "managed_policies": (EXECUTION, READ_ONLY),
        "inline_policies": {"bucket": allow("s3:GetObject"), "own": allow("sqs:SendMessage")},
    }
    immutable = {"path": "/elsewhere/"}

    def declare(self, session: BatchSession) -> IamRole:
        return IamRole(
            session, name="lab", managed_policies=EXECUTION, inline_policies={"own": allow("sqs:ReceiveMessage")}
        )


def test_a_job_role_may_do_nothing_by_itself(session: BatchSession) -> None:
    """A role is trusted by ECS's tasks, lies under the namespace's path, and has no policies."""
    seen = IamRole(session, name="lab").ensure().description
    (statement,) = seen.trust["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    assert (seen.path, seen.attached_policies, seen.inline_policies) == ("/batchwright/test/", (), {})
    assert seen.arn.endswith(":role/batchwright/test/lab")


def test_it_has_what_it_is_told(session: BatchSession) -> None:
    """Managed policies by name or ARN, inline policies, and access to a table all come with the first ensure()."""
    role = IamRole(
        session,
        name="lab",
        managed_policies=[EXECUTION, READ_ONLY],
        inline_policies={"own": allow("sqs:ReceiveMessage")},
        access_to=Table("us-east-2"),
    )
    ensured = role.ensure()
    assert ensured.action is Action.CREATED
    assert set(ensured.description.attached_policies) == {EXECUTION_ARN, READ_ONLY}
    assert ensured.description.inline_policies == {
        "own": allow("sqs:ReceiveMessage"),
        "rows-us-east-2": dict(Table("us-east-2").access_policy()[1]),
    }


def test_a_second_ensure_writes_nothing(session: BatchSession, aws: InProcessAws) -> None:
    """What is as declared is only read."""
    role = IamRole(session, name="lab", managed_policies=EXECUTION, access_to=Table("us-east-2"))
    role.ensure()
    aws.calls.clear()
    role.ensure()
    assert not [operation for _, operation in aws.calls if operation.startswith(WRITES)]


def test_another_regions_grant_stays(session: BatchSession) -> None:
    """Two regions may share a role: neither takes the other's table away."""
    IamRole(session, name="lab", access_to=[Table("us-east-2")]).ensure()
    other = IamRole(session, name="lab", access_to=[Table("eu-central-1")])
    assert other.ensure().action is Action.UPDATED
    assert set(other.describe().inline_policies) == {"rows-us-east-2", "rows-eu-central-1"}
    assert IamRole(session, name="lab", access_to=[Table("us-east-2")]).ensure().action is Action.UNCHANGED


def test_a_trust_changed_by_hand_comes_back(session: BatchSession) -> None:
    """The trust document is compared as JSON, whole, and put right."""
    role = IamRole(session, name="lab")
    trust = role.ensure().description.trust
    reordered = dict(reversed(trust.items()))
    session.iam.update_assume_role_policy(RoleName="lab", PolicyDocument=json.dumps(reordered, indent=2))
    assert not role.drift()
    wider = {**trust, "Statement": [{**trust["Statement"][0], "Principal": {"AWS": "*"}}]}
    session.iam.update_assume_role_policy(RoleName="lab", PolicyDocument=json.dumps(wider))
    assert role.drift().paths == ("AssumeRolePolicyDocument",)
    assert role.ensure().action is Action.UPDATED
    assert role.describe().trust == trust


def test_a_policy_widened_by_hand_comes_back(session: BatchSession) -> None:
    """An action that someone added to our own policy is drift, although all that is declared holds."""
    role = IamRole(session, name="lab", inline_policies={"own": allow("s3:GetObject")})
    role.ensure()
    wider = allow("s3:GetObject")
    wider["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    session.iam.put_role_policy(RoleName="lab", PolicyName="own", PolicyDocument=json.dumps(wider))
    assert role.ensure().action is Action.UPDATED
    assert role.describe().inline_policies == {"own": allow("s3:GetObject")}


def test_documents_come_through_their_encoding(session: BatchSession) -> None:
    """IAM gives documents back URL-encoded: signs that the encoding touches survive."""
    document = allow("s3:GetObject", resource="arn:aws:s3:::data/a+b %41/${aws:username}&c=*")
    role = IamRole(session, name="lab", inline_policies={"own": document})
    assert role.ensure().description.inline_policies == {"own": document}
    assert role.ensure().action is Action.UNCHANGED


def test_a_foreign_role_is_used_as_it_is(session: BatchSession, aws: InProcessAws) -> None:
    """A role of this name under another path is found, reported, not written and not deleted."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    session.iam.create_role(RoleName="theirs", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust))
    aws.calls.clear()
    role = IamRole(session, name="theirs", managed_policies=EXECUTION)
    ensured = role.ensure()
    assert (ensured.action, ensured.owned, ensured.description.path) == (Action.UNCHANGED, False, "/team/")
    assert set(ensured.drift.paths) == {"AssumeRolePolicyDocument", f"managedPolicies.{EXECUTION_ARN}"}
    assert not [operation for _, operation in aws.calls if operation.startswith(WRITES)]
    with pytest.raises(NotOwnedError):
        role.delete()
    assert role.ensure(on_drift=OnDrift.UPDATE).action is Action.UPDATED
    assert role.describe().attached_policies == (EXECUTION_ARN,)
    with pytest.raises(ReplacementRequiredError, match="Path"):
        attrs.evolve(role, path="/ours/").ensure(on_drift=OnDrift.UPDATE)


def test_a_role_that_a_crash_left_bare_gets_its_policies(
    session: BatchSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends between the role and its policies loses nothing: the next one goes on."""
    role = IamRole(session, name="lab", managed_policies=EXECUTION)
    with monkeypatch.context() as patch:
        patch.setattr(IamRole, "_update", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            role.ensure()
    assert role.describe().attached_policies == ()
    ensured = role.ensure()
    assert (ensured.action, ensured.owned) == (Action.UPDATED, True)
    assert ensured.description.attached_policies == (EXECUTION_ARN,)


def test_a_new_role_that_iam_does_not_know_yet_is_tried_again(
    session: BatchSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IAM shows a new role late: the policies are put again at the loop's pace until it does."""
    unknown = ClientError({"Error": {"Code": "NoSuchEntity", "Message": "The role with name lab cannot be found."}}, "")
    refusals, attach = [unknown, unknown], session.iam.attach_role_policy

    def attach_late(**request: str) -> object:
        if refusals:
            raise refusals.pop()
        return attach(**request)

    monkeypatch.setattr(session.iam, "attach_role_policy", attach_late)
    ensured = IamRole(session, name="lab", managed_policies=EXECUTION).ensure()
    assert (ensured.action, refusals) == (Action.CREATED, [])
    assert ensured.description.attached_policies == (EXECUTION_ARN,)


def test_a_policy_that_does_not_exist_is_said_at_once(session: BatchSession) -> None:
    """A wrong ARN is no delay of IAM's, so nobody waits for it."""
    role = IamRole(session, name="lab", managed_policies="arn:aws:iam::aws:policy/NoSuchPolicy")
    before = session.clock.now()
    with pytest.raises(AwsError, match="NoSuchPolicy"):
        role.ensure()
    assert session.clock.now() - before < 5
    role.delete()
    assert not role.exists()


def test_deleting_takes_parts_and_place_away_first(session: BatchSession, aws: InProcessAws) -> None:
    """Policies are detached and deleted, the role is taken out of its profiles, and then it goes."""
    role = IamRole(
        session, name="lab", managed_policies=EXECUTION, inline_policies={"own": allow("s3:*")}, access_to=Table("a")
    )
    role.ensure()
    session.iam.create_instance_profile(InstanceProfileName="somebody")
    session.iam.add_role_to_instance_profile(InstanceProfileName="somebody", RoleName="lab")
    aws.calls.clear()
    role.delete()
    writes = [operation for _, operation in aws.calls if not operation.startswith(("Get", "List"))]
    assert writes == [
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "DeleteRolePolicy",
        "RemoveRoleFromInstanceProfile",
        "DeleteRole",
    ]
    assert not role.exists()


def test_only_our_own_are_listed(session: BatchSession) -> None:
    """The inventory holds the roles below the namespace's path that it made, with their policies."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    session.iam.create_role(RoleName="by-hand", Path="/batchwright/test/", AssumeRolePolicyDocument=trust)
    session.iam.create_role(RoleName="elsewhere", AssumeRolePolicyDocument=trust)
    IamRole(session, name="lab", managed_policies=EXECUTION).ensure()
    (seen,) = IamRole.list_owned(session)
    assert (seen.name, seen.attached_policies) == ("lab", (EXECUTION_ARN,))


def test_aws_own_policies_follow_the_partition(session: BatchSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare name means AWS's policy of the caller's partition; an ARN stays as it is."""
    monkeypatch.setattr(Connection, "partition", "aws-cn")
    role = IamRole(session, name="lab", managed_policies=[EXECUTION, READ_ONLY])
    wanted = role._request(Resolved())
    assert list(wanted["managedPolicies"]) == [f"arn:aws-cn:iam::aws:policy/{EXECUTION}", READ_ONLY]


@pytest.mark.parametrize(
    ("field", "value", "legal"),
    [
        ("name", "a" * 65, "1 to 64"),
        ("name", "my role", "1 to 64"),
        ("trusted_service", "ecs-tasks", "'ecs-tasks.amazonaws.com'"),
        ("managed_policies", "my policy", "ARNs of policies"),
        ("managed_policies", ["p"] * 21, "at most 20"),
        ("inline_policies", {"a b": allow("s3:*")}, "1 to 128"),
        ("inline_policies", {"own": {"Version": "2012-10-17"}}, "'Statement'"),
        ("inline_policies", {"own": json.dumps(allow("s3:*"))}, "'Statement'"),
        ("access_to", "rows", "StatusTracker"),
        ("path", "lab", "start and end with '/'"),
    ],
)
def test_bad_input_is_refused_before_any_call(field: str, value: object, legal: str) -> None:
    """The error names the field and what is legal."""
    fields = {"name": "lab", field: value}
    with pytest.raises(DeclarationError) as caught:
        IamRole(BatchSession("test"), **fields)
    assert caught.value.field == field
    assert legal in str(caught.value)
