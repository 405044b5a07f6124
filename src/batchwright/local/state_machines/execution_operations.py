"""The operations of Step Functions on executions; the caller holds the state's lock."""

import uuid
from typing import Any

import attrs

from batchwright.local.server_clock import ServerClock
from batchwright.local.state_machines.answers import StatesRefusal
from batchwright.local.state_machines.machine_operations import Handler
from batchwright.local.state_machines.machines import Execution, Machines
from batchwright.local.state_machines.requests import checked_input, checked_name, page
from batchwright.local.state_machines.runs import Runs

Wire = dict[str, Any]


@attrs.frozen(kw_only=True, eq=False)
class ExecutionOperations:
    """Starts, shows and stops executions.

    Args:
        clock: The server's time.
        machines: What is remembered.
        runs: The executions that are under way.
    """

    clock: ServerClock
    machines: Machines
    runs: Runs

    def handlers(self) -> dict[str, Handler]:
        """Return what serves each operation, by its name."""
        return {
            "StartExecution": self.start,
            "DescribeExecution": self.describe,
            "DescribeStateMachineForExecution": self.describe_machine,
            "ListExecutions": self.list_of_machine,
            "StopExecution": self.stop,
            "GetExecutionHistory": self.history,
        }

    def start(self, region: str, request: Wire) -> Wire:
        """Start an execution; one of the same name and input that still runs is returned as it is."""
        machine = self.machines.machine(request["stateMachineArn"])
        if machine.is_deleting:
            raise StatesRefusal("StateMachineDeleting", f"State Machine is being deleted: '{machine.arn}'")
        name = checked_name(request.get("name", str(uuid.uuid4())))
        given = checked_input(request.get("input", "{}"))
        arn = f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
        self.machines.forget(self.clock.now())
        execution = self.machines.executions.get(arn)
        if execution is None:
            now = self.clock.now()
            execution = Execution(
                name=name,
                arn=arn,
                machine=machine,
                definition=machine.definition,
                role_arn=machine.role_arn,
                input=given,
                started_at=now,
                due_at=now,
            )
            self.runs.start(execution)
        elif execution.status != "RUNNING" or execution.input != given:
            raise StatesRefusal("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
        return {"executionArn": arn, "startDate": execution.started_at}

    def describe(self, region: str, request: Wire) -> Wire:
        """Return an execution."""
        execution = self.machines.execution(request["executionArn"])
        details = {
            "stopDate": execution.stopped_at,
            "output": execution.output,
            "outputDetails": None if execution.output is None else {"included": True},
            "error": execution.error,
            "cause": execution.cause,
        }
        return {
            **_summary(execution),
            "input": execution.input,
            "inputDetails": {"included": True},
            "redriveCount": 0,
            **{member: value for member, value in details.items() if value is not None},
        }

    def describe_machine(self, region: str, request: Wire) -> Wire:
        """Return the state machine that an execution runs."""
        execution = self.machines.execution(request["executionArn"])
        return {
            "stateMachineArn": execution.machine.arn,
            "name": execution.machine.name,
            "definition": execution.definition,
            "roleArn": execution.role_arn,
            "updateDate": execution.machine.created_at,
        }

    def list_of_machine(self, region: str, request: Wire) -> Wire:
        """Return the executions of a state machine, newest first."""
        if "stateMachineArn" not in request:
            raise StatesRefusal("ValidationException", "The local AWS lists executions by stateMachineArn only.")
        machine = self.machines.machine(request["stateMachineArn"])
        wanted = request.get("statusFilter")
        found = [each for each in self.machines.executions_of(machine) if wanted in {None, each.status}]
        found.sort(key=lambda each: each.stopped_at or each.started_at, reverse=True)
        return page("executions", [_summary(each) for each in found], request)

    def stop(self, region: str, request: Wire) -> Wire:
        """End an execution as ABORTED, if it has not ended."""
        execution = self.machines.execution(request["executionArn"])
        if execution.status == "RUNNING":
            self.runs.stop(execution, request.get("error"), request.get("cause"))
        return {"stopDate": execution.stopped_at}

    def history(self, region: str, request: Wire) -> Wire:
        """Return what happened in an execution."""
        events = self.machines.execution(request["executionArn"]).events
        return page("events", events[::-1] if request.get("reverseOrder") else events, request, most=1000)


def _summary(execution: Execution) -> Wire:
    stopped = {} if execution.stopped_at is None else {"stopDate": execution.stopped_at}
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.started_at,
        **stopped,
    }
