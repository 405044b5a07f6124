"""The state machines of the account and their executions, as plain records; whoever uses them holds `State.lock`."""

from collections.abc import Iterator
from typing import Any

import attrs

from batchwright.local.state_machines.answers import StatesRefusal
from batchwright.local.state_machines.requests import checked_arn

Wire = dict[str, Any]
_NAME_FREE_AFTER_S = 90 * 86_400
"""For how long a closed execution is shown and its name is taken."""


@attrs.define(kw_only=True, eq=False)
class Machine:
    """A state machine; `definition` is the text that it was sent with, times are epoch seconds."""

    name: str
    arn: str
    definition: str
    role_arn: str
    created_at: float
    revision: str
    options: Wire = attrs.field(factory=dict[str, Any])
    """The logging, tracing and encryption that it was sent with."""
    is_deleting: bool = False
    tags: dict[str, str] = attrs.field(factory=dict[str, str])

    @property
    def region(self) -> str:
        """The region that it is in."""
        return self.arn.split(":")[3]


@attrs.define(kw_only=True, eq=False)
class Execution:
    """One run of a machine's definition, under the role that the machine had when it was started."""

    name: str
    arn: str
    machine: Machine
    definition: str
    role_arn: str
    input: str = attrs.field(repr=False)
    started_at: float
    due_at: float
    status: str = "RUNNING"
    stopped_at: float | None = None
    output: str | None = attrs.field(default=None, repr=False)
    error: str | None = None
    cause: str | None = None
    events: list[Wire] = attrs.field(factory=list[Wire], repr=False)


@attrs.define(kw_only=True, eq=False)
class Machines:
    """All state machines and executions, by their ARNs, in the order they were made."""

    machines: dict[str, Machine] = attrs.field(factory=dict[str, Machine])
    executions: dict[str, Execution] = attrs.field(factory=dict[str, Execution])

    def reset(self) -> None:
        """Forget everything."""
        self.machines.clear()
        self.executions.clear()

    def machine(self, arn: str) -> Machine:
        """Return the state machine, or refuse."""
        machine = self.machines.get(checked_arn(arn, "stateMachine"))
        if machine is None:
            raise StatesRefusal("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return machine

    def execution(self, arn: str) -> Execution:
        """Return the execution, or refuse."""
        execution = self.executions.get(checked_arn(arn, "execution"))
        if execution is None:
            raise StatesRefusal("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return execution

    def tagged(self, region: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the ARN and tags of each state machine of a region."""
        return ((each.arn, each.tags) for each in self.machines.values() if each.region == region)

    def executions_of(self, machine: Machine) -> Iterator[Execution]:
        """Yield the executions of a machine."""
        return (each for each in self.executions.values() if each.machine is machine)

    def forget(self, now: float) -> None:
        """Forget the executions that AWS would no longer know, and deleted machines without running ones."""
        for arn, execution in list(self.executions.items()):
            if execution.stopped_at is not None and now - execution.stopped_at >= _NAME_FREE_AFTER_S:
                del self.executions[arn]
        for arn, machine in list(self.machines.items()):
            if machine.is_deleting and all(each.status != "RUNNING" for each in self.executions_of(machine)):
                del self.machines[arn]
                for execution in list(self.executions_of(machine)):
                    del self.executions[execution.arn]
