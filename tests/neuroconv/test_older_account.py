"""What the older code made, by its own sequence of calls, is used as it is."""

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from batchwright.neuroconv import submit_aws_batch_job

IMAGE = "ghcr.io/catalystneuro/neuroconv:v0.7"
DEFINITION = "neuroconv_batch_ghcr-io-catalystneuro-neuroconv-v0-7-image_4-GiB-RAM_4-CPU"
DAY_S = 86_400
ACTIONS = [
    {"reason": reason, "state": "RUNNABLE", "maxTimeSeconds": DAY_S, "action": "CANCEL"}
    for reason in ("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")
]


class Account:
    """An account's region, by plain boto3."""

    def __init__(self, session: boto3.Session) -> None:
        make: Any = session.client
        self.batch, self.efs, self.iam, self.dynamodb, self.ec2 = (
            make(service) for service in ("batch", "efs", "iam", "dynamodb", "ec2")
        )

    def until(self, check: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not check():
            assert time.monotonic() < end
            time.sleep(0.1)

    def make_all(self) -> str:
        """Everything that one call of the older code left behind; the id of its volume."""
        self.make_table_and_role()
        groups, subnets = self.default_network()
        self.make_environment_and_queue(groups, subnets)
        file_system_id = self.make_volume(groups, subnets)
        self.register(f"{DEFINITION}_{file_system_id}", file_system_id)
        return file_system_id

    def default_network(self) -> tuple[list[str], list[str]]:
        """The default group and the subnets of the default VPC."""
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        of_vpc = {"Name": "vpc-id", "Values": [vpc]}
        default = {"Name": "group-name", "Values": ["default"]}
        groups = self.ec2.describe_security_groups(Filters=[of_vpc, default])["SecurityGroups"]
        subnets = self.ec2.describe_subnets(Filters=[of_vpc])["Subnets"]
        return [group["GroupId"] for group in groups], [subnet["SubnetId"] for subnet in subnets]

    def make_table_and_role(self) -> None:
        self.dynamodb.create_table(
            TableName="neuroconv_batch_status_tracker",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        )
        trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        self.iam.create_role(RoleName="neuroconv_batch_role", AssumeRolePolicyDocument=document)
        for policy in ("AmazonDynamoDBFullAccess", "CloudWatchFullAccess"):
            self.iam.attach_role_policy(RoleName="neuroconv_batch_role", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")

    def make_environment_and_queue(self, groups: list[str], subnets: list[str]) -> None:
        self.iam.create_instance_profile(InstanceProfileName="ecsInstanceRole")  # as the console's wizard leaves it
        self.batch.create_compute_environment(
            computeEnvironmentName="neuroconv_batch_environment",
            type="MANAGED",
            state="ENABLED",
            computeResources={
                "type": "EC2",
                "allocationStrategy": "BEST_FIT",
                "instanceTypes": ["optimal"],
                "minvCpus": 0,
                "maxvCpus": 8,
                "instanceRole": "ecsInstanceRole",
                "securityGroupIds": groups,
                "subnets": subnets,
            },
        )
        self.until(lambda: self.environments()[0]["status"] == "VALID")
        self.batch.create_job_queue(
            jobQueueName="neuroconv_batch_queue",
            state="ENABLED",
            priority=1,
            computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "neuroconv_batch_environment"}],
            jobStateTimeLimitActions=ACTIONS,
        )
        self.until(lambda: self.queues()[0]["status"] == "VALID")

    def make_volume(self, groups: list[str], subnets: list[str]) -> str:
        file_system_id: str = self.efs.create_file_system(
            PerformanceMode="generalPurpose",
            Encrypted=False,
            ThroughputMode="elastic",
            Backup=False,
            Tags=[{"Key": "Name", "Value": "data"}],
        )["FileSystemId"]
        self.until(lambda: self.efs.describe_file_systems()["FileSystems"][0]["LifeCycleState"] == "available")
        for subnet in subnets:
            self.efs.create_mount_target(FileSystemId=file_system_id, SubnetId=subnet, SecurityGroups=groups)
        self.until(lambda: {each["LifeCycleState"] for each in self.targets(file_system_id)} == {"available"})
        return file_system_id

    def register(self, name: str, file_system_id: str) -> None:
        volume = {"fileSystemId": file_system_id, "transitEncryption": "DISABLED"}
        sizes = [{"value": "4096", "type": "MEMORY"}, {"value": "4", "type": "VCPU"}]
        mounted = "neuroconv_batch_efs_mounted"
        self.batch.register_job_definition(
            jobDefinitionName=name,
            type="container",
            timeout={"attemptDurationSeconds": DAY_S},
            containerProperties={
                "image": IMAGE,
                "resourceRequirements": sizes,
                "volumes": [{"name": mounted, "efsVolumeConfiguration": volume}],
                "mountPoints": [{"containerPath": "/mnt/efs", "readOnly": False, "sourceVolume": mounted}],
            },
            platformCapabilities=["EC2"],
        )

    def environments(self) -> list[Any]:
        return list(self.batch.describe_compute_environments()["computeEnvironments"])

    def queues(self) -> list[Any]:
        return list(self.batch.describe_job_queues()["jobQueues"])

    def targets(self, file_system_id: str) -> list[Any]:
        return list(self.efs.describe_mount_targets(FileSystemId=file_system_id)["MountTargets"])

    def definitions(self) -> list[Any]:
        return list(self.batch.describe_job_definitions()["jobDefinitions"])

    def all_but_definitions(self) -> dict[str, Any]:
        """All that the account reports of itself, sizes and numbers of rows left out."""
        volumes = self.efs.describe_file_systems()["FileSystems"]
        targets = [target for volume in volumes for target in self.targets(volume["FileSystemId"])]
        role = "neuroconv_batch_role"
        table = self.dynamodb.describe_table(TableName="neuroconv_batch_status_tracker")["Table"]
        return {
            "table": {key: value for key, value in table.items() if key not in ("ItemCount", "TableSizeBytes")},
            "table tags": self.dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"],
            "tables": self.dynamodb.list_tables()["TableNames"],
            "roles": self.iam.list_roles()["Roles"],
            "role tags": self.iam.list_role_tags(RoleName=role)["Tags"],
            "attached": self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"],
            "inline": self.iam.list_role_policies(RoleName=role)["PolicyNames"],
            "profiles": self.iam.list_instance_profiles()["InstanceProfiles"],
            "environments": self.environments(),
            "queues": self.queues(),
            "volumes": [{**volume, "SizeInBytes": None} for volume in volumes],
            "targets": targets,
            "target groups": [
                self.efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]
                for target in targets
            ],
            "groups": self.ec2.describe_security_groups()["SecurityGroups"],
        }


@pytest.fixture
def older(ohio: boto3.Session) -> Account:
    """The account in us-east-2, empty still."""
    return Account(ohio)


def test_nothing_of_it_is_changed(older: Account) -> None:
    """The job runs, mounts the volume and has its row; only a revision of the definition, with the role, is new."""
    file_system_id = older.make_all()
    before, definitions = older.all_but_definitions(), older.definitions()
    info = submit_aws_batch_job(
        job_name="on-old", docker_image=IMAGE, commands=["ls", "/mnt/efs"], efs_volume_name="data"
    )
    job_id = info["job_submission_info"]["jobId"]
    older.until(lambda: older.batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] in ("SUCCEEDED", "FAILED"))
    job = older.batch.describe_jobs(jobs=[job_id])["jobs"][0]
    assert job["status"] == "SUCCEEDED", job.get("statusReason")
    assert older.all_but_definitions() == before
    new = [each for each in older.definitions() if each not in definitions]
    assert [each for each in definitions if each not in older.definitions()] == []
    assert [(each["jobDefinitionName"], each["revision"]) for each in new] == [(f"{DEFINITION}_{file_system_id}", 2)]
    assert new[0]["containerProperties"]["jobRoleArn"].endswith(":role/neuroconv_batch_role")
    assert job["jobDefinition"] == new[0]["jobDefinitionArn"]
    key = {"id": {"S": info["table_submission_info"]["id"]}}
    row = older.dynamodb.get_item(TableName="neuroconv_batch_status_tracker", Key=key)["Item"]
    assert row["job_id"] == {"S": job_id}


def test_a_second_call_makes_no_revision(older: Account) -> None:
    """What the first call registered is found again."""
    older.make_all()
    for name in ("one", "two"):
        submit_aws_batch_job(job_name=name, docker_image=IMAGE, commands=["true"], efs_volume_name="data")
    assert sorted(each["revision"] for each in older.definitions()) == [1, 2]


def test_a_new_volume_lets_the_older_environment_in(older: Account) -> None:
    """It gets the environment's own group, as the older code did, and no group is made."""
    groups, subnets = older.default_network()
    older.make_table_and_role()
    older.make_environment_and_queue(groups, subnets)
    known = len(older.ec2.describe_security_groups()["SecurityGroups"])
    submit_aws_batch_job(job_name="new-volume", docker_image=IMAGE, commands=["true"], efs_volume_name="fresh")
    made = older.efs.describe_file_systems()["FileSystems"]
    assert [(each["Name"], each["Encrypted"]) for each in made] == [("fresh", True)]
    for target in older.targets(made[0]["FileSystemId"]):
        at = target["MountTargetId"]
        assert older.efs.describe_mount_target_security_groups(MountTargetId=at)["SecurityGroups"] == groups
    assert len(older.ec2.describe_security_groups()["SecurityGroups"]) == known
    own = [role["RoleName"] for role in older.iam.list_roles()["Roles"] if "/aws-service-role/" not in role["Path"]]
    assert own == ["neuroconv_batch_role"]
