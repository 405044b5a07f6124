"""The contract of job definitions on EC2 and on Fargate, with every field of theirs."""

from collections.abc import Mapping
from typing import Any, cast

import attrs
import pytest

from batchwright import BatchSession
from batchwright.errors import DeclarationError
from batchwright.lifecycle import Resource
from batchwright.local.in_process import InProcessAws
from batchwright.outcome import Resolved
from batchwright.resources.efs_volume import AccessPoint, EfsVolume, Mount
from batchwright.resources.iam_role import IamRole
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.testing import ResourceContract, evolved
from batchwright.values import Action, RetryPolicy, Secret

IMAGE = "ghcr.io/lab/convert:2.1"
ROLE = "arn:aws:iam::123456789012:role/reader"
SECRET = "arn:aws:secretsmanager:us-east-2:123456789012:secret:token"


def volume(session: BatchSession, name: str = "scratch") -> EfsVolume:
    """A volume in the default network."""
    network = DefaultNetwork(session)
    group = SecurityGroup(session, name="lab", network=network)
    return EfsVolume(session, name=name, network=network, security_groups=group)


def container(session: BatchSession, definition: JobDefinition) -> Mapping[str, Any]:
    """What AWS keeps of the container."""
    answer = session.batch.describe_job_definitions(jobDefinitionName=definition.name, status="ACTIVE")
    newest = max(answer["jobDefinitions"], key=lambda each: each["revision"])
    return cast("Mapping[str, Any]", newest["containerProperties"])


class TestJobDefinitionOnEc2(ResourceContract):
    """A definition for EC2 keeps the contract of all resources; every field of it is a new revision away."""

    mutable = {
        "image": "ghcr.io/lab/convert:2.2",
        "command": ["convert", "--all"],
        "vcpus": 4,
        "memory_gib": 7.5,
        "gpus": 1,
        "environment": {"LEVEL": "2", "MODE": "fast"},
        "secrets": {"TOKEN": Secret(SECRET)},
        "job_role": ROLE,
        "retry": RetryPolicy.for_spot(),
        "timeout_s": 3600,
        "log_options": {"awslogs-group": "/lab/convert"},
        "parameters": {"subject": "01"},
        "user": "nobody",
        "propagate_tags": True,
        "tags": {"project": "reads"},
    }

    def declare(self, session: BatchSession) -> JobDefinition:
        return JobDefinition(session, name="convert", image=IMAGE, environment={"LEVEL": "1"}, execution_role=ROLE)


class TestJobDefinitionOnFargate(ResourceContract):
    """A definition for Fargate keeps the contract of all resources."""

    mutable = {
        "vcpus": 1,
        "memory_gib": 3,
        "execution_role": "arn:aws:iam::123456789012:role/other",
        "ephemeral_storage_gib": 100,
        "assign_public_ip": False,
        "secrets": {"TOKEN": SECRET},
    }

    def declare(self, session: BatchSession) -> JobDefinition:
        return JobDefinition(
            session, name="convert", image=IMAGE, platform="FARGATE", vcpus=0.5, memory_gib=2, execution_role=ROLE
        )


class TestJobDefinitionWithDependencies(ResourceContract):
    """A definition that mounts a volume and has roles of ours keeps the contract; so do its volumes and platform."""

    mutable = {
        "volumes": {"/mnt/efs": "scratch", "/mnt/in": "scratch"},
        "job_role": "other",
        "platform": "FARGATE",
    }

    def declare(self, session: BatchSession) -> JobDefinition:
        return JobDefinition(
            session,
            name="convert",
            image=IMAGE,
            volumes={"/mnt/efs": volume(session)},
            job_role=IamRole(session, name="reader"),
            execution_role=IamRole(session, name="starter"),
        )

    def changed(self, resource: Resource[Any], field: str, value: object) -> Resource[Any]:
        session: Any = resource.session
        if field == "volumes":
            value = {"/mnt/efs": volume(session), "/mnt/in": Mount(volume(session), read_only=True)}
        if field == "job_role":
            value = IamRole(session, name="other")
        changed = evolved(resource, **{field: value})
        for dependency in (*resource.dependencies(), *changed.dependencies()):
            if isinstance(dependency, IamRole):
                dependency.ensure()
        return changed


@pytest.mark.parametrize(
    "other",
    [
        {"read_only": True},
        {"root_directory": "/sub-01"},
        {"iam": True},
    ],
)
def test_a_mount_of_another_kind_is_a_new_revision_and_back(session: BatchSession, other: dict[str, Any]) -> None:
    """Every option of a mount drifts when it is set and when it is taken out again."""
    plain = JobDefinition(session, name="convert", image=IMAGE, volumes={"/mnt/efs": volume(session)}, job_role=ROLE)
    changed = attrs.evolve(plain, volumes={"/mnt/efs": Mount(volume(session), **other)})
    actions = [each.ensure().action for each in (plain, changed, changed, plain, plain)]
    assert actions == [Action.CREATED, Action.UPDATED, Action.UNCHANGED, Action.UPDATED, Action.UNCHANGED]


def test_a_volume_is_mounted_encrypted_in_transit(session: BatchSession) -> None:
    """Both paths of one file system reach AWS, each with its own volume, TLS on."""
    scratch = volume(session)
    definition = JobDefinition(
        session,
        name="convert",
        image=IMAGE,
        volumes={"/mnt/efs/": scratch, "/mnt-efs": Mount(scratch, read_only=True, root_directory="/in")},
    )
    definition.ensure()
    there = container(session, definition)
    points = {point["containerPath"]: point for point in there["mountPoints"]}
    configurations = {each["name"]: each["efsVolumeConfiguration"] for each in there["volumes"]}
    assert {path: point["readOnly"] for path, point in points.items()} == {"/mnt/efs": False, "/mnt-efs": True}
    file_system_id = scratch.describe().file_system_id
    assert len(configurations) == 2
    assert {each["fileSystemId"] for each in configurations.values()} == {file_system_id}
    assert {each["transitEncryption"] for each in configurations.values()} == {"ENABLED"}
    assert configurations[points["/mnt-efs"]["sourceVolume"]]["rootDirectory"] == "/in"


def test_an_access_point_authorises_the_mount(session: BatchSession) -> None:
    """The container gets the volume's access point, whose own root directory counts."""
    scratch = attrs.evolve(volume(session), access_point=AccessPoint(path="/lab", uid=1000, gid=1000))
    definition = JobDefinition(session, name="convert", image=IMAGE, volumes={"/mnt/efs": scratch})
    definition.ensure()
    configuration = container(session, definition)["volumes"][0]["efsVolumeConfiguration"]
    assert configuration["authorizationConfig"]["accessPointId"] == scratch.describe().access_point_id
    assert configuration["rootDirectory"] == "/"
    assert definition.ensure().action is Action.UNCHANGED


def test_fargate_gets_what_it_needs(session: BatchSession) -> None:
    """A public address, since default subnets have no other way out, and the platform that can mount EFS."""
    role = IamRole(session, name="starter")
    definition = JobDefinition(
        session,
        name="convert",
        image=IMAGE,
        platform="FARGATE",
        execution_role=role,
        volumes={"/mnt/efs": volume(session)},
    )
    definition.ensure()
    there = container(session, definition)
    assert there["networkConfiguration"] == {"assignPublicIp": "ENABLED"}
    assert there["fargatePlatformConfiguration"] == {"platformVersion": "1.4.0"}
    assert there["executionRoleArn"] == role.describe().arn


def test_what_aws_writes_differently_is_no_drift(session: BatchSession) -> None:
    """Order of variables, strings for numbers, actions in lower case, lists that AWS adds: all the same to us."""
    session.batch.register_job_definition(
        jobDefinitionName="convert",
        type="container",
        retryStrategy={"attempts": 3, "evaluateOnExit": [{"onExitCode": "1*", "action": "RETRY"}]},
        containerProperties={
            "image": IMAGE,
            "resourceRequirements": [{"type": "MEMORY", "value": "2048"}, {"type": "VCPU", "value": "1.0"}],
            "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        },
    )
    definition = JobDefinition(
        session,
        name="convert",
        image=IMAGE,
        environment={"A": "1", "B": "2"},
        retry=RetryPolicy(attempts=3, on_exit=[{"onExitCode": "1*", "action": "RETRY"}]),
    )
    assert not definition.drift()
    assert attrs.evolve(definition, environment={"A": "1"}).drift().paths == ("containerProperties.environment",)


def test_no_value_of_a_variable_is_ever_shown(session: BatchSession) -> None:
    """Neither the declaration nor its drift, its description or what `ensure()` returns prints a value."""
    definition = JobDefinition(session, name="convert", image=IMAGE, environment={"COLOUR": "hunter2"})
    definition.ensure()
    changed = attrs.evolve(definition, environment={"COLOUR": "hunter3"})
    drift = changed.drift()
    shown = [definition, definition.to_dict(), definition.describe(), drift, *drift, str(drift), changed._repr_html_()]
    assert drift
    assert "hunter" not in " ".join(map(repr, shown))


def test_a_request_that_grows_too_large_is_not_sent(session: BatchSession, aws: InProcessAws) -> None:
    """What a subclass adds counts too: AWS's 24 KiB are kept to before the call."""

    class Wordy(JobDefinition):
        """Adds more than fits."""

        def _request(self, resolved: Resolved) -> Mapping[str, object]:
            return {**super()._request(resolved), "parameters": {"text": "x" * 24_576}}

    with pytest.raises(DeclarationError, match=r"job definition 'convert': request='\d+ bytes'.*24576"):
        Wordy(session, name="convert", image=IMAGE).ensure()
    assert ("batch", "RegisterJobDefinition") not in aws.calls
