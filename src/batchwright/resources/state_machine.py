"""A state machine of AWS Step Functions, which goes on by itself when nobody is on line."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright._display import quiet
from batchwright._wire import Description, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import InUseError
from batchwright.lifecycle import BUSY, Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in
from batchwright.resources.iam_policies import canonical
from batchwright.resources.iam_role import IamRole
from batchwright.resources.state_machine_executions import execution_arn, machine_arn, running_names
from batchwright.translation import code_of, is_missing, says
from batchwright.values import matching, refuse
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

DEFINITION_MAX: Final = 1_048_576
SHOWN_MAX: Final = 5
"""How many running executions a message names."""
_machine_name = matching(re.compile(r"[A-Za-z0-9_-]{1,80}"), "1 to 80 letters, digits, '-' or '_'")


@attrs.frozen(kw_only=True)
class StateMachineDescription(Description):
    """What `states:DescribeStateMachine` reports of one machine.

    Attributes:
        definition: Its Amazon States Language.
        role_arn: The role that it acts as.
        type: `"STANDARD"` or, of what others made, `"EXPRESS"`.
    """

    arn: str = attrs.field(metadata=wire("stateMachineArn"))
    name: str
    status: str = "ACTIVE"
    definition: Mapping[str, object] = attrs.field(
        factory=dict[str, object], hash=False, metadata={**wire("batchwrightDefinition"), **quiet()}
    )
    role_arn: str = ""
    type: str = "STANDARD"
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=wire("batchwrightTags"))


def _private(value: Mapping[str, object]) -> dict[str, object]:
    return dict(value)


def _definition_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[str, object]) -> None:
    try:
        size = len(canonical(value))
    except TypeError:
        size = DEFINITION_MAX + 1
    if not {"StartAt", "States"} <= value.keys() or size > DEFINITION_MAX:
        legal = "Amazon States Language as plain data, with 'StartAt' and 'States', 1 MiB at most"
        raise refuse(instance, field.name, f"a mapping with {', '.join(sorted(value)) or 'nothing'}", legal)


def _role_legal(instance: object, field: attrs.Attribute[Any], value: IamRole | str) -> None:
    if isinstance(value, str) and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", value):
        raise refuse(instance, field.name, value, "an IamRole, or the ARN of a role")


@resource(kw_only=True)
class StateMachine(Resource[StateMachineDescription]):
    """A STANDARD state machine: each of its executions is carried out by AWS, step by step, for a year at the most.

    It costs nothing by itself; its executions cost 0.025 USD for 1,000 transitions. An execution keeps the definition
    that it began with. `delete()` would end what runs, so it refuses while something does, unless `force=True`.

    Args:
        name: 1 to 80 letters, digits, `-` or `_`.
        definition: Amazon States Language as plain data, with `"StartAt"` and `"States"`.
        role: What it acts as: a role, trusted by `states.amazonaws.com`, or the ARN of one.
    """

    kind: ClassVar[str] = "state machine"
    _used_by: ClassVar[str] = "tear-down"
    states: ClassVar[States] = States(ready=("ACTIVE",), deleting=("DELETING",))
    drift_rules: ClassVar[DriftRules] = DriftRules(
        update=("definition", "roleArn"),
        # A step may override variables of a job.
        secret=("definition",),
    )

    name: str = attrs.field(validator=_machine_name)
    definition: Mapping[str, object] = attrs.field(
        converter=_private, validator=_definition_legal, hash=False, metadata=quiet()
    )
    role: IamRole | str = attrs.field(validator=_role_legal)

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        role = self.role if isinstance(self.role, str) else resolved[self.role].arn
        return {"name": self.name, "type": "STANDARD", "definition": canonical(self.definition), "roleArn": role}

    def _read(self, resolved: Resolved) -> StateMachineDescription | None:
        return _described(self.session, machine_arn(self.session, self.name))

    def _actual(self, seen: StateMachineDescription) -> Mapping[str, object]:
        return {**seen.raw, "definition": canonical(seen.definition)}

    def _tags_of(self, seen: StateMachineDescription) -> Mapping[str, str]:
        return seen.tags

    def _create(self, request: Mapping[str, object]) -> None:
        tags = _tag_list(cast("Mapping[str, str]", request["tags"]))
        self.session.states.create_state_machine(**cast("Any", {**request, "tags": tags}))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: StateMachineDescription) -> None:
        changed = {member: str(request[member]) for member in ("definition", "roleArn") if member in drift.fields}
        self.session.states.update_state_machine(stateMachineArn=seen.arn, **cast("Any", changed))

    def _delete(self, seen: StateMachineDescription) -> None:
        # AWS would end them too, each at its next transition, which may be an hour away.
        for name in running_names(self.session, seen.arn):
            self.session.states.stop_execution(executionArn=execution_arn(self.session, self.name, name))
        self.session.states.delete_state_machine(stateMachineArn=seen.arn)

    def _check_delete(self, seen: StateMachineDescription | None, *, force: bool) -> None:
        running = running_names(self.session, seen.arn) if seen is not None and not force else ()
        if running:
            shown = ", ".join(running[:SHOWN_MAX]) + (", …" if len(running) > SHOWN_MAX else "")
            raise InUseError(
                f"{self.label} in {self.session.region} carries out {len(running)} executions: {shown}.",
                users=running,
                resource=self,
                hint="Wait for their end. force=True ends them, and what they were to do is not done.",
            )

    def _is_busy(self, error: ClientError) -> bool:
        # A new role cannot be taken on for some seconds, and a name is free some time after its machine is gone.
        return says(error, *BUSY, "authorized to assume", "StateMachineDeleting", "ConflictException")

    def _tag(self, seen: StateMachineDescription, tags: Mapping[str, str]) -> None:
        self.session.states.tag_resource(resourceArn=seen.arn, tags=cast("Any", _tag_list(tags)))

    def _untag(self, seen: StateMachineDescription, keys: Collection[str]) -> None:
        self.session.states.untag_resource(resourceArn=seen.arn, tagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[StateMachineDescription]:
        """Every state machine of the account's region that the session's namespace made."""
        pages = session.states.get_paginator("list_state_machines").paginate()
        for arn in [item["stateMachineArn"] for page in pages for item in page["stateMachines"]]:
            if namespace_in(_tags(session, arn)) == session.namespace and (seen := _described(session, arn)):
                yield seen


def _described(session: Connection, arn: str) -> StateMachineDescription | None:
    from botocore.exceptions import ClientError

    try:
        answer = session.states.describe_state_machine(stateMachineArn=arn)
    except ClientError as error:
        if code_of(error) != "StateMachineDoesNotExist":
            raise
        return None
    return structure(
        StateMachineDescription,
        cast("Any", answer),
        read_at=session.clock.now(),
        definition=json.loads(answer["definition"]),
        tags=_tags(session, arn),
    )


def _tags(session: Connection, arn: str) -> dict[str, str]:
    from botocore.exceptions import ClientError

    try:
        tags = session.states.list_tags_for_resource(resourceArn=arn)["tags"]
    except ClientError as error:
        if not is_missing(error):  # what goes away loses its tags first
            raise
        return {}
    return {tag.get("key", ""): tag.get("value", "") for tag in tags}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
