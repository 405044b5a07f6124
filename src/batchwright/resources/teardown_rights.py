"""The one state machine and role of a namespace's tear-downs, and what that role may touch."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar

import attrs

from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.errors import InUseError
from batchwright.ownership import NAMESPACE_TAG, TEARDOWN_TAG
from batchwright.resources.iam_policies import Document, own_path
from batchwright.resources.iam_role import IamRole, IamRoleDescription
from batchwright.resources.state_machine import SHOWN_MAX, StateMachine
from batchwright.resources.state_machine_executions import machine_arn, running_names
from batchwright.resources.state_machine_teardowns import teardown_machine_name
from batchwright.resources.teardown_definition import teardown_definition

if TYPE_CHECKING:
    from collections.abc import Iterable

POLICY = "batchwright-teardown"


@attrs.frozen
class RowsOfTable:
    """The right to read rows of one table.

    Attributes:
        region: Where the table is.
        table: Its name.
    """

    region: str
    table: str

    def access_policy(self) -> tuple[str, Document]:
        """Name and document of the policy."""
        known_by = hashlib.sha256(self.table.encode()).hexdigest()[:8]
        resource = f"arn:*:dynamodb:{self.region}:*:table/{self.table}"
        statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource}
        return f"{POLICY}-{self.table[:64]}-{known_by}", {"Version": "2012-10-17", "Statement": [statement]}


@resource(kw_only=True)
class TeardownRole(IamRole):
    """The role of a namespace's tear-downs: without it those that run would fail, and leave what they watch."""

    kind: ClassVar[str] = IamRole.kind
    _used_by: ClassVar[str] = "tear-down"

    def _check_delete(self, seen: IamRoleDescription | None, *, force: bool) -> None:
        arn = machine_arn(self.session, teardown_machine_name(self.session.namespace))
        if not force and (running := running_names(self.session, arn)):
            raise InUseError(
                f"{self.label} is that of {len(running)} running tear-downs: {', '.join(running[:SHOWN_MAX])}.",
                users=running,
                resource=self,
                hint="Wait for their end. force=True deletes it, and what they were to take away stays.",
            )


def teardown_machine(session: Connection, tables: Iterable[str]) -> StateMachine:
    """The declaration of the namespace's state machine, whose role may read these tables.

    Args:
        session: Whose namespace.
        tables: Names of tables of submissions; those of other tear-downs stay allowed.
    """
    name = teardown_machine_name(session.namespace)
    role = TeardownRole(
        session,
        name=f"batchwright-{session.namespace}-{session.region}-teardown",
        trusted_service="states.amazonaws.com",
        inline_policies={POLICY: teardown_policy(session)},
        access_to=[RowsOfTable(session.region, table) for table in dict.fromkeys(tables)],
    )
    return StateMachine(session, name=name, definition=teardown_definition(session.region), role=role)


def teardown_policy(session: Connection) -> Document:
    """What every tear-down of the namespace may do, but for reading rows."""
    region, path = session.region, own_path(session)
    machine = f"arn:*:states:{region}:*:stateMachine:{teardown_machine_name(session.namespace)}"
    statements = [
        _allow("LookAtJobs", "batch:DescribeJobs", "*"),
        *_on_volumes(region, session.namespace),
        # No condition on tags: what is not there has none, and AWS would deny instead of saying that it is not there.
        _allow(
            "DeleteSecretsBelowThePath",
            "secretsmanager:DeleteSecret",
            f"arn:*:secretsmanager:{region}:*:secret:{path}*",
        ),
        _allow("DeleteParametersBelowThePath", "ssm:DeleteParameter", f"arn:*:ssm:{region}:*:parameter{path}*"),
        _allow("GoOn", "states:StartExecution", machine),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _on_volumes(region: str, namespace: str) -> list[Document]:
    file_systems = f"arn:*:elasticfilesystem:{region}:*:file-system/*"
    looks, deletes = ("DescribeFileSystems", "DescribeMountTargets"), ("DeleteFileSystem", "DeleteMountTarget")
    marked = {
        "StringEquals": {f"aws:ResourceTag/{NAMESPACE_TAG}": namespace},
        "Null": {f"aws:ResourceTag/{TEARDOWN_TAG}": "false"},
    }
    return [
        _allow("LookAtVolumes", [f"elasticfilesystem:{name}" for name in looks], file_systems),
        _allow("DeleteMarkedVolumes", [f"elasticfilesystem:{name}" for name in deletes], file_systems, marked),
        # A mount target is a network interface, which EFS deletes in the name of whoever deletes the target.
        _allow("MountTargets", "ec2:DeleteNetworkInterface", f"arn:*:ec2:{region}:*:network-interface/*"),
    ]


def _allow(sid: str, action: str | list[str], resource: str, condition: Document | None = None) -> Document:
    statement: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement
