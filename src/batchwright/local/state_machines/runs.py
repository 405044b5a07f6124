"""Moves the executions of state machines along by the server's clock."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import attrs

from batchwright.local.server_clock import ServerClock
from batchwright.local.state_machines.failures import RUNTIME, Json, StateFailure, as_text
from batchwright.local.state_machines.interpreter import Interpreter, Steps
from batchwright.local.state_machines.machines import Execution, Machines

Wire = dict[str, Any]
CallTask = Callable[[Execution, str, Json], Json]
"""Carries out a Task of an execution: takes its Resource and its Parameters, returns its result."""
logger = logging.getLogger("batchwright.local.state_machines")
MOST_EVENTS = 25_000
"""The events that an execution's history may have ("Step Functions service quotas")."""


def stamp(epoch_s: float) -> str:
    """Return a time as the context object has it."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Aborted(Exception):
    """Ends what was stopped, or whose machine was deleted, at its next transition; no Catch takes it."""


@attrs.define(kw_only=True, eq=False)
class Runs:
    """The executions that are running.

    Args:
        clock: Tells when a state is due.
        machines: Where the executions are kept.
        call: Carries out Tasks.
    """

    clock: ServerClock
    machines: Machines
    call: CallTask
    _steps: dict[str, tuple[Execution, Steps]] = attrs.field(factory=dict[str, tuple[Execution, Steps]], alias="steps")
    _is_ticking: bool = attrs.field(init=False, default=False)

    def start(self, execution: Execution) -> None:
        """Take in a new execution; it begins with the next `tick`."""
        definition: Wire = json.loads(execution.definition)
        record = partial(self._record, execution)
        interpreter = Interpreter(call=partial(self.call, execution), now=self.clock.now, stamp=stamp, history=record)
        given = json.loads(execution.input)
        record("ExecutionStarted", {"input": execution.input, "roleArn": execution.role_arn})
        self._steps[execution.arn] = execution, interpreter.run(definition, given, _context(execution, given))
        self.machines.executions[execution.arn] = execution

    def tick(self) -> None:
        """Run every execution as far as the clock allows."""
        if self._is_ticking:
            return  # a Task of one of them has called a service
        self._is_ticking = True
        try:
            self._run_due()
        finally:
            self._is_ticking = False

    def _run_due(self) -> None:
        has_moved = True
        while has_moved:
            # Those that one starts are run too, and what ends one may let another go on.
            due = [each for each in self._steps.values() if each[0].due_at <= self.clock.now()]
            has_moved = bool(due)
            for execution, steps in due:
                if execution.status == "RUNNING":  # and not stopped by one of those before it
                    self._advance(execution, steps)

    def stop(self, execution: Execution, error: str | None, cause: str | None) -> None:
        """End an execution as ABORTED."""
        details = {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}
        self._end(execution, "ABORTED", details)

    def stop_all(self) -> None:
        """Forget what runs."""
        for _, steps in self._steps.values():
            steps.close()
        self._steps.clear()

    def _advance(self, execution: Execution, steps: Steps) -> None:
        try:
            execution.due_at = next(steps)
        except StopIteration as ended:
            self._end(execution, "SUCCEEDED", {"output": as_text(ended.value)})
        except _Aborted:
            self._end(execution, "ABORTED", {})
        except StateFailure as failure:
            self._end(execution, "FAILED", {"error": failure.error, "cause": failure.cause})
        except Exception as error:  # what slipped past the checks of its definition must not end the server
            logger.exception("The execution %s failed inside the local AWS", execution.arn)
            self._end(execution, "FAILED", {"error": RUNTIME, "cause": f"{type(error).__name__}: {error}"})

    def _end(self, execution: Execution, status: str, details: dict[str, str]) -> None:
        if execution.status != "RUNNING":
            return
        execution.status, execution.stopped_at = status, self.clock.now()
        execution.output, execution.error, execution.cause = (
            details.get(name) for name in ("output", "error", "cause")
        )
        del self._steps[execution.arn]  # its generator may be what is running now
        _append(execution, self.clock.now(), f"Execution{status.title()}", details)
        if execution.machine.is_deleting:
            self.machines.forget(self.clock.now())

    def _record(self, execution: Execution, kind: str, details: Wire | None = None) -> None:
        if len(execution.events) >= MOST_EVENTS - 1:
            cause = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
            raise StateFailure(RUNTIME, cause)
        is_stopped = execution.status != "RUNNING"  # by one of its own Tasks
        if is_stopped or (kind.endswith("StateEntered") and execution.machine.is_deleting):
            raise _Aborted
        _append(execution, self.clock.now(), kind, details)


def _append(execution: Execution, now: float, kind: str, details: Wire | None) -> None:
    number = len(execution.events) + 1
    event: Wire = {"timestamp": now, "type": kind, "id": number, "previousEventId": number - 1}
    if details is not None:
        event[f"{_details_name(kind)}EventDetails"] = details
    execution.events.append(event)


def _details_name(kind: str) -> str:
    for ending in ("StateEntered", "StateExited"):
        if kind.endswith(ending):
            return ending[0].lower() + ending[1:]
    return kind[0].lower() + kind[1:]


def _context(execution: Execution, given: Json) -> Wire:
    return {
        "Execution": {
            "Id": execution.arn,
            "Input": given,
            "Name": execution.name,
            "RoleArn": execution.role_arn,
            "StartTime": stamp(execution.started_at),
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": execution.machine.arn, "Name": execution.machine.name},
    }
