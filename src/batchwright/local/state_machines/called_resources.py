"""Which resource an operation is done to, as policies name it ("Actions, resources, and condition keys", IAM)."""

from collections.abc import Mapping
from typing import Any

import attrs
from botocore.exceptions import ClientError

from batchwright.local.inner_clients import InnerClients

Wire = dict[str, Any]
_NAMED_BY: Mapping[str, Mapping[str, str]] = {
    "batch": {"jobQueue": "job-queue/{}", "jobDefinition": "job-definition/{}", "jobId": "job/{}"},
    "dynamodb": {"TableName": "table/{}"},
    "elasticfilesystem": {"FileSystemId": "file-system/{}", "AccessPointId": "access-point/{}"},
    "iam": {"RoleName": "role/{}"},
    "logs": {"logGroupName": "log-group:{}"},
    "secretsmanager": {"SecretId": "secret:{}"},
    "sqs": {"QueueUrl": "{}"},
    "ssm": {"Name": "parameter/{}"},
    "states": {"stateMachineArn": "{}", "executionArn": "{}"},
}
"""By the prefix of a service's actions, the member of a request that names the resource, and its form in an ARN."""
_ANY: Mapping[str, str] = {
    "elasticfilesystem:DescribeFileSystems": "file-system/*",
    "elasticfilesystem:DescribeAccessPoints": "access-point/*",
}
"""What an operation that names no resource is done to, where that is not simply everything."""
_WITHOUT_RESOURCE = frozenset({"batch:DescribeJobs", "ssm:DescribeParameters"})


@attrs.frozen(kw_only=True, eq=False)
class CalledResources:
    """Finds the ARNs and tags of what an operation is done to.

    Args:
        clients: Clients of all services.
        account: The account's number.
    """

    clients: InnerClients
    account: str

    def arns(self, action: str, request: Wire, region: str) -> list[str]:
        """Return the ARNs; all of them must be allowed."""
        prefix = action.partition(":")[0]
        if action in _WITHOUT_RESOURCE:
            return ["*"]
        if "MountTargetId" in request:
            request = {"FileSystemId": self._file_system_of(str(request["MountTargetId"]), region)}
        named = [
            self._arn(prefix, form, str(request[member]), region)
            for member, form in _NAMED_BY.get(prefix, {}).items()
            if isinstance(request.get(member), str)
        ]
        anything = f"arn:aws:{prefix}:{region}:{self.account}:{_ANY[action]}" if action in _ANY else "*"
        return named or [anything]

    def keys(self, arn: str, region: str) -> Mapping[str, str]:
        """Return the condition keys that come of a resource: its tags."""
        try:
            tags = self._tags(arn, region)
        except ClientError:
            tags = []  # of what is not there
        return {f"aws:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags}

    def _tags(self, arn: str, region: str) -> list[dict[str, str]]:
        service = arn.split(":")[2] if arn.startswith("arn:") else ""
        if service == "elasticfilesystem":
            found = self._answer("efs", region, "list_tags_for_resource", ResourceId=arn.rpartition("/")[2])
        elif service == "secretsmanager":
            found = self._answer("secretsmanager", region, "describe_secret", SecretId=arn)
        elif service == "ssm":
            name = arn.partition(":parameter")[2]
            found = self._answer("ssm", region, "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
        else:
            found = {}
        tags: list[dict[str, str]] = found.get("Tags") or found.get("TagList") or []
        return tags

    def _arn(self, prefix: str, form: str, name: str, region: str) -> str:
        if name.startswith("arn:"):
            return name
        if prefix == "secretsmanager":
            return self._secret_arn(name, region)
        place = "" if prefix == "iam" else region
        resource = name.rpartition("/")[2] if prefix == "sqs" else name.lstrip("/")
        return f"arn:aws:{prefix}:{place}:{self.account}:{form.format(resource)}"

    def _secret_arn(self, name: str, region: str) -> str:
        """The ARN of a secret ends in six letters that its name does not have."""
        try:
            return str(self._answer("secretsmanager", region, "describe_secret", SecretId=name)["ARN"])
        except ClientError:
            return f"arn:aws:secretsmanager:{region}:{self.account}:secret:{name}"

    def _file_system_of(self, mount_target_id: str, region: str) -> str:
        """Policies name a mount target by its file system."""
        try:
            found = self._answer("efs", region, "describe_mount_targets", MountTargetId=mount_target_id)
        except ClientError:
            return "*"
        return str(found["MountTargets"][0]["FileSystemId"])

    def _answer(self, service: str, region: str, method: str, **members: str) -> Wire:
        answer: Wire = getattr(self.clients.client(service, region), method)(**members)
        return answer
