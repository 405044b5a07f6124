"""What batchwright makes by default may do no more than it must, and lets nobody in."""

from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.resources.iam_role import IamRole

from .conftest import session_of

SERVICE_POLICY = "arn:aws:iam::aws:policy/service-role/"


@pytest.fixture(scope="module")
def session(house: InProcessAws) -> BatchSession:
    """A namespace in which everything that the session fills in was made."""
    session = session_of(house, "least")
    volume = session.efs_volume(name="least")
    session.ensure(session.defaults.job_queue, session.defaults.job_role, session.defaults.execution_role, volume)
    return session


def test_the_code_in_a_container_reaches_one_table(session: BatchSession) -> None:
    """The job role holds three actions on the tracker's table, by its whole ARN, and nothing else."""
    seen = session.defaults.job_role.describe()
    table = f"arn:aws:dynamodb:us-east-2:{session.account_id}:table/{session.defaults.tracker.name}"
    actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": table}
    assert [document["Statement"] for document in seen.inline_policies.values()] == [[statement]]
    assert seen.attached_policies == ()


@pytest.mark.parametrize(
    ("default", "policies", "service"),
    [
        ("job_role", (), "ecs-tasks.amazonaws.com"),
        ("execution_role", (SERVICE_POLICY + "AmazonECSTaskExecutionRolePolicy",), "ecs-tasks.amazonaws.com"),
        ("instance_role", (SERVICE_POLICY + "AmazonEC2ContainerServiceforEC2Role",), "ec2.amazonaws.com"),
    ],
)
def test_roles_have_one_policy_of_awss_and_one_taker(
    session: BatchSession, default: str, policies: tuple[str, ...], service: str
) -> None:
    """Each role holds what AWS has for its purpose, and one service alone takes it on."""
    role: IamRole = getattr(session.defaults, default)
    seen = role.describe()
    assert seen.attached_policies == policies
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    assert seen.trust["Statement"] == [statement]
    assert seen.path == "/batchwright/least/"


def test_no_action_is_a_pattern(session: BatchSession) -> None:
    """No policy document that batchwright writes has a star in it."""
    roles = (session.defaults.job_role, session.defaults.execution_role, session.defaults.instance_role)
    assert "*" not in "".join(str(role.describe().inline_policies) + str(role.describe().trust) for role in roles)


def test_nobody_from_outside_gets_in(session: BatchSession) -> None:
    """The one rule of the security group names the group itself: no address and no other group."""
    group_id = session.defaults.security_group.describe().group_id
    (group,) = session.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group_id]
    assert not any(rule.get(kind) for kind in ("IpRanges", "Ipv6Ranges", "PrefixListIds"))


def test_volumes_are_encrypted_at_rest_and_on_the_way(session: BatchSession) -> None:
    """A file system is encrypted when it is made, and every mount of it is, whatever else the mount says."""
    volume = session.efs_volume(name="least")
    file_system_id = volume.describe().file_system_id
    (made,) = session.efs.describe_file_systems(FileSystemId=file_system_id)["FileSystems"]
    assert made["Encrypted"]
    definition = session.job_definition(name="mounting", image="busybox", volumes={"/mnt/a": volume})
    session.ensure(definition)
    container: Any = definition.describe().container
    assert [each["efsVolumeConfiguration"]["transitEncryption"] for each in container["volumes"]] == ["ENABLED"]


def test_a_definition_is_not_privileged(session: BatchSession) -> None:
    """A container is asked for without any right over the machine that it runs on."""
    definition = session.job_definition(name="plain", image="busybox")
    definition.ensure()
    container = definition.describe().container
    assert container["image"] == "busybox"
    assert not any(container.get(right) for right in ("privileged", "linuxParameters", "user", "ulimits"))


@pytest.mark.parametrize(("given", "said"), [({}, "ENABLED"), ({"assign_public_ip": False}, "DISABLED")])
def test_the_public_address_of_fargate_is_a_field(session: BatchSession, given: dict[str, bool], said: str) -> None:
    """A task has a public address, which the default VPC cannot do without, unless its definition says no."""
    definition = session.job_definition(
        name="fargate", image="busybox", platform="FARGATE", vcpus=1, memory_gib=2, **given
    )
    definition.ensure()
    container: Any = definition.describe().container
    assert container["networkConfiguration"] == {"assignPublicIp": said}
