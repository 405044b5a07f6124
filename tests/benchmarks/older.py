"""What the function that batchwright grew from asks of AWS, call for call and pause for pause, told anew.

Two things of it are arguments here: the network, which it knew for one account only, and how it pauses.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

Client = Any
"""boto3's clients and resources have no types of their own."""
TABLE: Final = "neuroconv_batch_status_tracker"
ROLE: Final = "neuroconv_batch_role"
ENVIRONMENT: Final = "neuroconv_batch_environment"
QUEUE: Final = "neuroconv_batch_queue"
IMAGE: Final = "ghcr.io/catalystneuro/neuroconv:v0.7"
DAY_S: Final = 86_400
POLL_S: Final = 10.0
POLLS_MAX: Final = 12
SETTLE_S: Final = 60.0


@attrs.frozen(kw_only=True)
class Surroundings:
    """What the older function took from around it.

    Attributes:
        client: Makes a client; it made five, and a resource, in every call.
        resource: Makes the DynamoDB resource.
        pause: How it waits.
        groups: Security groups.
        subnets: Subnets, one per zone.
        table: The table's name; the yardstick has one of its own.
    """

    client: Callable[[str], Client]
    resource: Callable[[str], Any]
    pause: Callable[[float], object]
    groups: Sequence[str] = ()
    subnets: Sequence[str] = ()
    table: str = TABLE


def submit(around: Surroundings, name: str, *, command: Sequence[str], volume: str | None = None) -> str:
    """One call of the older function; the job's id."""
    dynamodb, resource = around.client("dynamodb"), around.resource("dynamodb")
    iam, batch, efs = around.client("iam"), around.client("batch"), around.client("efs")
    table = _table(around, dynamodb, resource)
    _role(iam)
    _environment(around, batch)
    _queue(around, batch)
    file_system_id = _file_system(around, efs, volume)
    definition = _definition(around, batch, file_system_id)
    batch.list_jobs(jobQueue=QUEUE)  # its guard against a second job of the name, which found nothing
    job_id: str = batch.submit_job(
        jobName=name,
        dependsOn=[],
        jobDefinition=definition,
        jobQueue=QUEUE,
        containerOverrides={"command": list(command)},
    )["jobId"]
    row = {"id": str(uuid.uuid4()), "job_id": job_id, "job_name": name, "status": "Job submitted..."}
    table.put_item(Item={**row, "submitted_on": dt.datetime.now().isoformat()})
    return job_id


def _table(around: Surroundings, dynamodb: Client, resource: Client) -> Client:
    if around.table in dynamodb.list_tables()["TableNames"]:
        return resource.Table(name=around.table)
    return resource.create_table(
        TableName=around.table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )


def _role(iam: Client) -> None:
    try:
        iam.get_role(RoleName=ROLE)
        return
    except iam.exceptions.NoSuchEntityException:
        pass
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    for policy in ("AmazonDynamoDBFullAccess", "CloudWatchFullAccess"):
        iam.attach_role_policy(RoleName=ROLE, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")


def _until_valid(around: Surroundings, status: Callable[[], str]) -> None:
    polls = 0
    while status() != "VALID":
        polls += 1
        if polls > POLLS_MAX:
            raise RuntimeError("the older function would have given up")
        around.pause(POLL_S)


def _environment(around: Surroundings, batch: Client) -> None:
    def found() -> list[dict[str, Any]]:
        return list(batch.describe_compute_environments(computeEnvironments=[ENVIRONMENT])["computeEnvironments"])

    if found():
        return
    batch.create_compute_environment(
        computeEnvironmentName=ENVIRONMENT,
        type="MANAGED",
        state="ENABLED",
        computeResources={
            "type": "EC2",
            "allocationStrategy": "BEST_FIT",
            "instanceTypes": ["optimal"],
            "minvCpus": 0,
            "maxvCpus": 8,
            "instanceRole": "ecsInstanceRole",
            "securityGroupIds": list(around.groups),
            "subnets": list(around.subnets),
        },
    )
    _until_valid(around, lambda: found()[0]["status"] if found() else "")


def _queue(around: Surroundings, batch: Client) -> None:
    def found() -> list[dict[str, Any]]:
        return list(batch.describe_job_queues(jobQueues=[QUEUE])["jobQueues"])

    if found():
        return
    reasons = ("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")
    batch.create_job_queue(
        jobQueueName=QUEUE,
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": ENVIRONMENT}],
        jobStateTimeLimitActions=[
            {"reason": reason, "state": "RUNNABLE", "maxTimeSeconds": DAY_S, "action": "CANCEL"} for reason in reasons
        ],
    )
    _until_valid(around, lambda: found()[0]["status"])


def _file_system(around: Surroundings, efs: Client, volume: str | None) -> str | None:
    if volume is None:
        return None
    for each in efs.describe_file_systems()["FileSystems"]:
        if {"Key": "Name", "Value": volume} in each["Tags"]:
            return str(each["FileSystemId"])
    made: str = efs.create_file_system(
        PerformanceMode="generalPurpose",
        Encrypted=False,
        ThroughputMode="elastic",
        Backup=False,
        Tags=[{"Key": "Name", "Value": volume}],
    )["FileSystemId"]
    around.pause(SETTLE_S)
    for subnet in around.subnets:
        efs.create_mount_target(FileSystemId=made, SubnetId=subnet, SecurityGroups=list(around.groups))
    around.pause(SETTLE_S)
    return made


def _definition(around: Surroundings, batch: Client, file_system_id: str | None) -> str:
    image = IMAGE.replace(":", "-").replace("/", "-").replace(".", "-")
    name = f"neuroconv_batch_{image}-image_4-GiB-RAM_4-CPU" + (f"_{file_system_id}" if file_system_id else "")
    revision = 1
    while found := batch.describe_job_definitions(jobDefinitions=[f"{name}:{revision}"])["jobDefinitions"]:
        if found[0]["status"] == "ACTIVE":
            return str(found[0]["jobDefinitionArn"])
        revision += 1
    batch.register_job_definition(
        jobDefinitionName=name,
        type="container",
        timeout={"attemptDurationSeconds": DAY_S},
        containerProperties={"image": IMAGE, **_sizes(), **_mounts(file_system_id)},
        platformCapabilities=["EC2"],
    )
    found = batch.describe_job_definitions(jobDefinitions=[f"{name}:{revision}"])["jobDefinitions"]
    return str(found[0]["jobDefinitionArn"])


def _sizes() -> dict[str, Any]:
    return {"resourceRequirements": [{"value": "4096", "type": "MEMORY"}, {"value": "4", "type": "VCPU"}]}


def _mounts(file_system_id: str | None) -> dict[str, Any]:
    if file_system_id is None:
        return {"volumes": [], "mountPoints": []}
    mounted = "neuroconv_batch_efs_mounted"
    volume = {"fileSystemId": file_system_id, "transitEncryption": "DISABLED"}
    return {
        "volumes": [{"name": mounted, "efsVolumeConfiguration": volume}],
        "mountPoints": [{"containerPath": "/mnt/efs", "readOnly": False, "sourceVolume": mounted}],
    }
