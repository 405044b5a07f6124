"""What AWS would refuse in a job definition as a whole: fields that do not go together, and too much of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from batchwright.resources.container_properties import Ids, Mounted, container_properties, mount_of
from batchwright.resources.definition_checks import request_fits
from batchwright.values import Secret, refuse

if TYPE_CHECKING:
    from batchwright.resources.iam_role import IamRole
    from batchwright.resources.job_definition import JobDefinition

_ID: Final = "fs-" + "0" * 17
_SECRET_ARN: Final = f"arn:aws-us-gov:secretsmanager:us-gov-west-1:{0:012}:secret:-123456"
_EXECUTION_POLICY: Final = "service-role/AmazonECSTaskExecutionRolePolicy"


def check_definition(definition: JobDefinition) -> None:
    """Refuse what no field can know alone; nothing is asked of AWS.

    Raises:
        DeclarationError: It names the field, the value and what is legal.
    """
    definition.check_sizes()
    _check_platform(definition)
    _check_roles(definition)
    for path in definition.volumes:
        _check_mount(definition, path)
    if both := sorted(set(definition.environment) & set(definition.secrets)):
        raise refuse(definition, "secrets", both, "names that are not in environment too")
    request_fits(definition, stand_in_request(definition))


def stand_in_request(definition: JobDefinition) -> dict[str, object]:
    """The request as far as its size goes: with ids of the usual length, since there are none yet."""
    return {
        "containerProperties": container_properties(definition, _stand_ins(definition)),
        "parameters": dict(definition.parameters),
        "tags": {**definition.session.tags, **definition.tags},
    }


def _check_platform(definition: JobDefinition) -> None:
    if definition.platform == "FARGATE":
        return
    for field in ("ephemeral_storage_gib", "assign_public_ip"):
        if (value := getattr(definition, field)) is not None:
            raise refuse(definition, field, value, "None on EC2; it is for platform='FARGATE'")


def _check_roles(definition: JobDefinition) -> None:
    if definition.execution_role is not None:
        return
    for needs, what in ((definition.platform == "FARGATE", "on Fargate"), (bool(definition.secrets), "with secrets")):
        if needs:
            legal = f"{what} a role with the managed policy {_EXECUTION_POLICY}, or the ARN of one"
            raise refuse(definition, "execution_role", None, legal)


def _check_mount(definition: JobDefinition, path: str) -> None:
    mount = mount_of(definition.volumes[path])
    if mount.iam and definition.job_role is None:
        raise refuse(definition, "job_role", None, f"a role, since the mount at {path!r} is authorised by IAM")


def _stand_ins(definition: JobDefinition) -> Ids:
    """Ids of the usual length, so that a request's size is known before there are any."""
    mounts = {path: mount_of(item) for path, item in definition.volumes.items()}
    return Ids(
        job_role_arn=_stand_in(definition.job_role),
        execution_role_arn=_stand_in(definition.execution_role),
        mounts=tuple(Mounted.of(path, mount, file_system_id=_ID) for path, mount in mounts.items()),
        secrets={
            name: secret.arn if isinstance(secret, Secret) else _SECRET_ARN + secret.full_name
            for name, secret in definition.secrets.items()
        },
    )


def _stand_in(role: IamRole | str | None) -> str | None:
    return role if role is None or isinstance(role, str) else f"arn:aws:iam::{0:012}:role/{role.name}"
