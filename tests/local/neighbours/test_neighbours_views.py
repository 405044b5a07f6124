"""What Batch and the engines see of the services around them."""

import attrs
import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright.local.isolated import isolated_session
from batchwright.local.log_sink import JOB_LOG_GROUP, JobLogs
from batchwright.local.neighbours import Neighbours, open_neighbours
from batchwright.local.server_clock import ServerClock
from batchwright.local.signature import KeyPair
from batchwright.local.state import Job, State
from batchwright.local.surroundings import MotoWorld
from batchwright.local.transport import call_of, on_event, response_of

Opened = tuple[State, Neighbours, MotoWorld]


@pytest.fixture
def opened() -> Opened:
    state = State(clock=ServerClock(frozen_at=1_800_000_000.0))
    neighbours, world, _ = open_neighbours(state)
    neighbours.reset()
    return state, neighbours, world


def session_on(neighbours: Neighbours) -> boto3.Session:
    """Return a session whose calls reach the neighbours, rules included, with no gateway before them."""

    def answered(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        call = call_of(request)
        region, service = call.header("authorization").partition("Credential=")[2].split("/")[2:4]
        return response_of(request, neighbours(attrs.evolve(call, service=service, region=region)))

    session = isolated_session(KeyPair.random(), "us-east-2")
    on_event(session, "before-send", answered)
    return session


def test_the_age_of_a_role(opened: Opened) -> None:
    """A role is as old as the server's clock says; one of another path, or none, does not exist."""
    state, neighbours, world = opened
    iam = session_on(neighbours).client("iam")
    arn = iam.create_role(RoleName="worker", Path="/lab/", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    state.clock.advance(7)
    assert world.role_age_s(arn) == world.role_age_s("worker") == 7
    assert world.role_age_s(arn.replace("/lab/", "/")) is None
    assert world.role_age_s("arn:aws:iam::123456789012:role/missing") is None


def test_the_age_of_an_instance_profile(opened: Opened) -> None:
    """An instance profile is as young as its role's place in it; what was made unseen is old."""
    state, neighbours, world = opened
    seen, unseen = session_on(neighbours).client("iam"), neighbours.clients.iam()
    arn = seen.create_instance_profile(InstanceProfileName="lab")["InstanceProfile"]["Arn"]
    unseen.create_instance_profile(InstanceProfileName="old")
    seen.create_role(RoleName="worker", AssumeRolePolicyDocument="{}")
    state.clock.advance(5)
    seen.add_role_to_instance_profile(InstanceProfileName="lab", RoleName="worker")
    state.clock.advance(2)
    assert world.instance_profile_age_s("us-east-2", "lab") == world.instance_profile_age_s("us-east-2", arn) == 2
    assert world.instance_profile_age_s("us-east-2", "missing") is None
    assert (world.instance_profile_age_s("us-east-2", "old") or 0) > 3600


def test_subnets_and_groups(opened: Opened) -> None:
    """Subnets and groups exist in their own region only."""
    _, neighbours, world = opened
    ec2 = neighbours.clients.ec2("us-east-2")
    subnet = ec2.describe_subnets()["Subnets"][0].get("SubnetId", "")
    group = ec2.describe_security_groups()["SecurityGroups"][0].get("GroupId", "")
    assert (world.subnet_exists("us-east-2", subnet), world.subnet_exists("eu-west-1", subnet)) == (True, False)
    assert world.security_group_exists("us-east-2", group)
    assert not world.security_group_exists("eu-west-1", group)
    assert world.default_group("us-east-2", "vpc-00000000") is None


def job(region: str, stream: str) -> Job:
    return Job(
        id=stream,
        arn=f"arn:aws:batch:{region}:123456789012:job/{stream}",
        name="one",
        queue_arn="",
        definition_arn="",
        request={},
        container={},
        created_at_ms=0,
        log_stream=stream,
    )


def test_lines_go_to_the_region_of_their_job(opened: Opened) -> None:
    """A job's lines are in the CloudWatch Logs of its own region, in order, and no empty stream is made."""
    state, neighbours, _ = opened
    for region in ("us-east-2", "eu-west-1"):
        state.region(region).jobs[region] = job(region, f"lab/default/{region}")
    logs = JobLogs(state=state, store=neighbours)
    logs.write("lab/default/eu-west-1", [(1, "first"), (2, "second")])
    logs.write("lab/default/eu-west-1", [(3, "third")])
    logs.write("lab/default/us-east-2", [])
    session = session_on(neighbours)
    assert events(session, "eu-west-1") == [(1, "first"), (2, "second"), (3, "third")]
    assert session.client("logs", region_name="us-east-2").describe_log_groups()["logGroups"] == []


def events(session: boto3.Session, region: str) -> list[tuple[int, str]]:
    found = session.client("logs", region_name=region).get_log_events(
        logGroupName=JOB_LOG_GROUP, logStreamName=f"lab/default/{region}", startFromHead=True
    )
    return [(event["timestamp"], event["message"]) for event in found["events"]]
