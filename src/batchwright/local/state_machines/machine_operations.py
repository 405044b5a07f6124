"""The operations of Step Functions on state machines; the caller holds the state's lock."""

import uuid
from collections.abc import Callable
from typing import Any

import attrs

from batchwright.local.server_clock import ServerClock
from batchwright.local.state_machines.answers import StatesRefusal, invalid_definition
from batchwright.local.state_machines.definitions import problem_with
from batchwright.local.state_machines.machines import Machine, Machines
from batchwright.local.state_machines.requests import checked_arn, checked_name, page, require_standard, tags_of
from batchwright.local.state_machines.roles import Roles

Wire = dict[str, Any]
Handler = Callable[[str, Wire], Wire]
"""Serves one operation: takes the region and the request, returns the answer."""
_OPTIONS = ("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")
_MOST_TAGS = 50


@attrs.frozen(kw_only=True, eq=False)
class MachineOperations:
    """Makes, changes, shows and tags state machines.

    Args:
        account: The account's number.
        clock: The server's time.
        machines: What is remembered.
        roles: Tells which roles Step Functions may take on.
    """

    account: str
    clock: ServerClock
    machines: Machines
    roles: Roles

    def handlers(self) -> dict[str, Handler]:
        """Return what serves each operation, by its name."""
        return {
            "CreateStateMachine": self.create,
            "DescribeStateMachine": self.describe,
            "UpdateStateMachine": self.update,
            "DeleteStateMachine": self.delete,
            "ListStateMachines": self.list_all,
            "ValidateStateMachineDefinition": self.validate,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": self.list_tags,
        }

    def create(self, region: str, request: Wire) -> Wire:
        """Make a state machine; one of the same name and definition is returned as it is, whatever the role."""
        name, definition = checked_name(request["name"]), request["definition"]
        require_standard(request)
        if problem := problem_with(definition):
            raise invalid_definition(problem)
        arn = f"arn:aws:states:{region}:{self.account}:stateMachine:{name}"
        options = {option: request[option] for option in _OPTIONS if option in request}
        existing = self.machines.machines.get(arn)
        if existing is None:
            self.roles.require_assumable(request["roleArn"])
            existing = Machine(
                name=name,
                arn=arn,
                definition=definition,
                role_arn=request["roleArn"],
                created_at=self.clock.now(),
                revision="INITIAL",
                options=options,
                tags=tags_of(request),
            )
            self.machines.machines[arn] = existing
        elif existing.is_deleting:
            raise StatesRefusal("StateMachineDeleting", f"State Machine is being deleted: '{arn}'")
        elif existing.definition != definition or existing.options != options:
            raise StatesRefusal("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
        return {"stateMachineArn": arn, "creationDate": existing.created_at}

    def describe(self, region: str, request: Wire) -> Wire:
        """Return a state machine."""
        machine = self.machines.machine(request["stateMachineArn"])
        return {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "status": "DELETING" if machine.is_deleting else "ACTIVE",
            "definition": machine.definition,
            "roleArn": machine.role_arn,
            "type": "STANDARD",
            "creationDate": machine.created_at,
            "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
            "tracingConfiguration": {"enabled": False},
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
            **({} if machine.revision == "INITIAL" else {"revisionId": machine.revision}),
            **machine.options,
        }

    def update(self, region: str, request: Wire) -> Wire:
        """Change the definition or role for executions to come."""
        machine = self.machines.machine(request["stateMachineArn"])
        if machine.is_deleting:
            raise StatesRefusal("StateMachineDeleting", f"State Machine is being deleted: '{machine.arn}'")
        options = {option: request[option] for option in _OPTIONS if option in request}
        if not ({"definition", "roleArn"} & set(request) or options):
            message = "At least one of definition, roleArn and the configurations must be specified."
            raise StatesRefusal("MissingRequiredParameter", message)
        if problem := problem_with(request.get("definition", machine.definition)):
            raise invalid_definition(problem)
        if "roleArn" in request:
            self.roles.require_assumable(request["roleArn"])
        machine.definition = request.get("definition", machine.definition)
        machine.role_arn = request.get("roleArn", machine.role_arn)
        machine.options |= options
        machine.revision = str(uuid.uuid4())
        return {"updateDate": self.clock.now(), "revisionId": machine.revision}

    def delete(self, region: str, request: Wire) -> Wire:
        """Begin to delete a state machine; it is DELETING until its executions have ended."""
        machine = self.machines.machines.get(checked_arn(request["stateMachineArn"], "stateMachine"))
        if machine is not None:
            machine.is_deleting = True
            self.machines.forget(self.clock.now())
        return {}

    def list_all(self, region: str, request: Wire) -> Wire:
        """Return the state machines of a region."""
        mine = [each for each in self.machines.machines.values() if each.region == region]
        entries = [
            {"stateMachineArn": each.arn, "name": each.name, "type": "STANDARD", "creationDate": each.created_at}
            for each in mine
        ]
        return page("stateMachines", entries, request)

    def validate(self, region: str, request: Wire) -> Wire:
        """Tell what is wrong with a definition."""
        problem = problem_with(request["definition"])
        diagnostics = [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": problem}] if problem else []
        return {"result": "FAIL" if problem else "OK", "diagnostics": diagnostics, "truncated": False}

    def tag(self, region: str, request: Wire) -> Wire:
        """Set tags of a state machine."""
        machine = self._tagged(request)
        tags = machine.tags | tags_of(request)
        if len(tags) > _MOST_TAGS:
            raise StatesRefusal("TooManyTags", f"'{machine.arn}' would have more than {_MOST_TAGS} tags.")
        machine.tags = tags
        return {}

    def untag(self, region: str, request: Wire) -> Wire:
        """Remove tags of a state machine."""
        machine = self._tagged(request)
        for key in request["tagKeys"]:
            machine.tags.pop(key, None)
        return {}

    def list_tags(self, region: str, request: Wire) -> Wire:
        """Return the tags of a state machine."""
        return {"tags": [{"key": key, "value": value} for key, value in self._tagged(request).tags.items()]}

    def _tagged(self, request: Wire) -> Machine:
        machine = self.machines.machines.get(request["resourceArn"])
        if machine is None:
            raise StatesRefusal("ResourceNotFound", f"Resource not found: '{request['resourceArn']}'")
        return machine
