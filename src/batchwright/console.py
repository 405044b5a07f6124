"""Where the AWS console shows a thing: from its ARN alone, without a call.

The forms are those of the console's own address line and of AWS's documentation; a kind whose form is not known for
certain has none here. Log groups and streams are percent-encoded twice, with `$` for `%`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

import attrs

_HOSTS: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
NO_ACCOUNTS: Final = ("123456789012", "000000000000")
"""Accounts of imitations of AWS, `batchwright.local` and moto among them, and of examples: no console shows them."""

# By service and type of the resource; `id` is what follows the type, `name` its last part.
_PAGES: Final = {
    "batch:job": "batch/home?region={region}#jobs/detail/{id}",
    "batch:job-queue": "batch/home?region={region}#queues/detail/{arn}",
    "batch:compute-environment": "batch/home?region={region}#compute-environments/detail/{arn}",
    "batch:job-definition": "batch/home?region={region}#job-definition/detail/{arn}",
    "elasticfilesystem:file-system": "efs/home?region={region}#/file-systems/{id}",
    "dynamodb:table": "dynamodbv2/home?region={region}#table?name={id}",
    "iam:role": "iam/home#/roles/details/{name}",
    "secretsmanager:secret": "secretsmanager/secret?name={secret}&region={region}",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-optimized_AMI.html
    "ssm:parameter": "systems-manager/parameters/{id}/description?region={region}",
    "states:stateMachine": "states/home?region={region}#/statemachines/view/{arn}",
    "states:execution": "states/home?region={region}#/v2/executions/details/{arn}",
    "ec2:vpc": "vpcconsole/home?region={region}#VpcDetails:VpcId={id}",
    "ec2:subnet": "vpcconsole/home?region={region}#SubnetDetails:subnetId={id}",
    "ec2:security-group": "ec2/home?region={region}#SecurityGroup:groupId={id}",
}
_LOG_GROUP: Final = "cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}"
_EC2_TYPES: Final = {"vpc": "vpc", "subnet": "subnet", "sg": "security-group"}
_REGION: Final = re.compile(r"[a-z0-9-]*")
"""What begins the name of a host, so that an ARN which is none leads nowhere else."""
_SECRET_SUFFIX: Final = re.compile(r"-\w{6}$")
"""What Secrets Manager adds to a secret's name in its ARN."""


@attrs.frozen
class _Place:
    """What an ARN says of the console that shows it."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def page(self, path: str) -> str:
        """The address of a page; empty where there is no such console."""
        host = _HOSTS.get(self.partition)
        if host is None or self.account in NO_ACCOUNTS or not _REGION.fullmatch(self.region):
            return ""
        return f"https://{self.region}.{host}/{path}" if self.region else f"https://{host}/{path}"


def page_of(arn: str) -> str:
    """The console's page of what this ARN names; empty for a kind without one, and where no console is.

    Args:
        arn: The ARN of a job, queue, environment, definition, file system, table, role, secret, parameter, state
            machine or execution.
    """
    place = _place(arn)
    if place is None:
        return ""
    kind, _, rest = re.sub(r"[/:]", "\0", place.resource, count=1).partition("\0")
    path = _PAGES.get(f"{place.service}:{kind}")
    if path is None or not rest:
        return ""
    return place.page(
        path.format(
            region=quote(place.region),
            arn=quote(arn, safe=":/"),
            id=quote(rest, safe="/:" if place.service in ("ssm", "batch") else ""),
            name=quote(rest.rpartition("/")[2]),
            secret=quote(_SECRET_SUFFIX.sub("", rest), safe=""),
        )
    )


def page_of_ec2(resource_id: str, *, region: str, partition: str = "aws", account: str = "") -> str:
    """The page of a VPC, subnet or security group, by the id that EC2 gives it.

    Args:
        resource_id: Such as `"vpc-0123"`, `"subnet-0123"` or `"sg-0123"`.
        region: Where it is.
        partition: `"aws"`, `"aws-cn"` or `"aws-us-gov"`.
        account: Whose it is, as far as that is known.
    """
    kind = _EC2_TYPES.get(resource_id.partition("-")[0], "")
    return page_of(f"arn:{partition}:ec2:{region}:{account}:{kind}/{resource_id}")


def log_group(near: str, group: str) -> str:
    """The page of a log group.

    Args:
        near: The ARN of something in the same account and region, such as the job that writes there.
        group: Its name.
    """
    place = _place(near)
    return "" if place is None or not group else place.page(_path_of_group(place, group))


def log_stream(near: str, group: str, stream: str) -> str:
    """The page of a log stream; see `log_group`."""
    place = _place(near)
    if place is None or not (group and stream):
        return ""
    return place.page(f"{_path_of_group(place, group)}/log-events/{_twice(stream)}")


def _path_of_group(place: _Place, group: str) -> str:
    return _LOG_GROUP.format(region=quote(place.region), group=_twice(group))


def _twice(name: str) -> str:
    return quote(quote(name, safe=""), safe="").replace("%", "$")


def _place(arn: str) -> _Place | None:
    parts = arn.split(":", 5)
    return _Place(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None
