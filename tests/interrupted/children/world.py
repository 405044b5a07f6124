"""Everything that an account holds, without what differs from one run to the next."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from batchwright import BatchSession
from batchwright.resources.consumable_resource import client_knows

UNLIKE = frozenset(
    re.findall(
        r"\w+",
        """
        CreateDate CreationTime createdAt startedAt stoppedAt updatedAt CreationDateTime RoleId
        InstanceProfileId TableId OwnerId uuid SizeInBytes ItemCount TableSizeBytes MountTargetId
        NetworkInterfaceId IpAddress SecurityGroupRuleId RoleLastUsed FileSystemArn AccessPointArn
        SecurityGroupArn revision claim sign_before submitted_on ResponseMetadata WarmThroughput
        LastUpdateToPayPerRequestDateTime LastIncreaseDateTime LastDecreaseDateTime ecsClusterArn statusReason
        LastModifiedDate CreatedDate LastChangedDate LastAccessedDate SecretVersionsToStages ARN
        LastModifiedUser desiredvCpus
        """,
    )
)
"""Members that differ from one run to the next."""
_ID = re.compile(r"\b(fs|fsap|sg|subnet|vpc)-[0-9a-f]{8,}\b")
_REVISION = re.compile(r"(job-definition/[\w-]+):\d+")


def world(session: BatchSession) -> dict[str, Any]:
    """By kind what there is, whoever made it."""
    batch, efs, iam = session.batch, session.efs, session.iam
    definitions = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    policies = [each["arn"] for each in batch.list_scheduling_policies()["schedulingPolicies"]]
    queues = batch.describe_job_queues()["jobQueues"]
    file_systems = efs.describe_file_systems()["FileSystems"]
    roles = [each["RoleName"] for each in iam.list_roles()["Roles"] if each["Path"].startswith("/batchwright/")]
    profiles = iam.list_instance_profiles()["InstanceProfiles"]
    jobs = [job for queue in queues for job in _jobs(session, queue["jobQueueArn"])]
    found = {
        "environments": batch.describe_compute_environments()["computeEnvironments"],
        "queues": queues,
        "definitions": definitions,
        "policies": batch.describe_scheduling_policies(arns=policies)["schedulingPolicies"] if policies else [],
        "volumes": [_volume(session, each) for each in file_systems],
        "groups": [g for g in session.ec2.describe_security_groups()["SecurityGroups"] if g["GroupName"] != "default"],
        "roles": [_role(session, name) for name in roles],
        "profiles": [iam.get_instance_profile(InstanceProfileName=p["InstanceProfileName"]) for p in profiles],
        "tables": [_table(session, name) for name in session.dynamodb.list_tables()["TableNames"]],
        "secrets": session.secretsmanager.list_secrets()["SecretList"],
        "parameters": [_parameter(session, each) for each in session.ssm.describe_parameters()["Parameters"]],
        "units": batch.list_consumable_resources()["consumableResources"] if client_knows() else [],
        "jobs": [_job(job) for job in jobs],
        "rows": [row for name in session.dynamodb.list_tables()["TableNames"] for row in _rows(session, name, jobs)],
    }
    return {kind: sorted((_scrubbed(each) for each in items), key=json.dumps) for kind, items in found.items()}


def _jobs(session: BatchSession, queue: str) -> list[Any]:
    ids = [
        job["jobId"]
        for status in ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
        for job in session.batch.list_jobs(jobQueue=queue, jobStatus=status)["jobSummaryList"]
    ]
    return list({job["jobId"]: job for job in session.batch.describe_jobs(jobs=ids)["jobs"]}.values()) if ids else []


def _job(job: Mapping[str, Any]) -> dict[str, Any]:
    ended = "FAILED" if job["status"] == "FAILED" else "well so far"
    variables = {each["name"]: each["value"] for each in job["container"]["environment"]}
    kept = {key: job.get(key) for key in ("jobName", "jobQueue", "jobDefinition", "tags", "timeout")}
    return {**kept, "status": ended, "submission": variables.get("BATCHWRIGHT_SUBMISSION_ID")}


def _rows(session: BatchSession, table: str, jobs: list[Any]) -> list[Any]:
    names = {job["jobId"]: job["jobName"] for job in jobs}
    rows = [dict(item) for item in session.dynamodb.scan(TableName=table)["Items"]]
    return [{**row, "job_id": names.get(row["job_id"]["S"], "no job")} for row in rows]


def _volume(session: BatchSession, item: Mapping[str, Any]) -> dict[str, Any]:
    file_system, efs = item["FileSystemId"], session.efs
    targets = efs.describe_mount_targets(FileSystemId=file_system)["MountTargets"]
    groups = [
        efs.describe_mount_target_security_groups(MountTargetId=t["MountTargetId"])["SecurityGroups"] for t in targets
    ]
    return {
        **item,
        "targets": targets,
        "groups": groups,
        "points": efs.describe_access_points(FileSystemId=file_system)["AccessPoints"],
    }


def _role(session: BatchSession, name: str) -> dict[str, Any]:
    iam = session.iam
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "role": iam.get_role(RoleName=name)["Role"],
        "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        "inline": {each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in inline},
    }


def _parameter(session: BatchSession, item: Mapping[str, Any]) -> dict[str, Any]:
    tags = session.ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=item["Name"])["TagList"]
    return {**item, "tags": tags, "value": session.ssm.get_parameter(Name=item["Name"])["Parameter"]["Value"]}


def _table(session: BatchSession, name: str) -> dict[str, Any]:
    table = session.dynamodb.describe_table(TableName=name)["Table"]
    return {"table": table, "tags": session.dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]}


def _scrubbed(value: object) -> object:
    """The same in every run: no ids, no times; lists whose order says nothing are sorted."""
    if isinstance(value, dict):
        return {key: _scrubbed(item) for key, item in sorted(value.items()) if key not in UNLIKE}
    if isinstance(value, list | tuple):
        return sorted((_scrubbed(item) for item in value), key=str)
    if isinstance(value, str):
        return _REVISION.sub(r"\1", _ID.sub(r"\1", value))
    return str(value) if isinstance(value, dt.datetime | float) else value
