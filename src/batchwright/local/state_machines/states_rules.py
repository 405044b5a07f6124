"""Serves the calls of AWS Step Functions."""

import functools
import json
from typing import Any, cast

import attrs
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward
from batchwright.local.refused import refusal
from batchwright.local.state import State
from batchwright.local.state_machines.answers import StatesRefusal
from batchwright.local.state_machines.execution_operations import ExecutionOperations
from batchwright.local.state_machines.machine_operations import Handler, MachineOperations
from batchwright.local.state_machines.machines import Machines
from batchwright.local.state_machines.roles import Roles
from batchwright.local.state_machines.runs import CallTask, Runs

Wire = dict[str, Any]
_HEADERS = {"content-type": "application/x-amz-json-1.0"}


@attrs.define(kw_only=True, eq=False)
class StatesRules:
    """State machines and their executions, which are all ours: nothing is sent on.

    Args:
        state: Brings the account, the clock and the lock.
        machines: What is remembered.
        roles: Tells which roles Step Functions may take on.
        call: Carries out Tasks.
    """

    state: State
    machines: Machines
    roles: Roles
    call: CallTask
    service: str = "states"
    runs: Runs = attrs.field(init=False)
    _handlers: dict[str, Handler] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with no state machines."""
        clock, machines = self.state.clock, self.machines
        self.runs = Runs(clock=clock, machines=machines, call=self.call)
        of_machines = MachineOperations(account=self.state.account, clock=clock, machines=machines, roles=self.roles)
        of_executions = ExecutionOperations(clock=clock, machines=machines, runs=self.runs)
        self._handlers = of_machines.handlers() | of_executions.handlers()

    def reset(self) -> None:
        """Forget all state machines."""
        self.runs.stop_all()
        self.machines.reset()

    def tick(self) -> None:
        """Run every execution as far as the clock allows."""
        with self.state.lock:
            self.runs.tick()

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of Step Functions."""
        try:
            with self.state.lock:
                self.tick()
                self.machines.forget(self.state.clock.now())
                answer = self.answer(call.header("x-amz-target").rpartition(".")[2], call.region, call.body)
                self.tick()  # what has been started begins at this moment, not at that of the next call
        except StatesRefusal as refused:
            return refusal(refused.code, refused.message, service=self.service)
        return Answer(headers=_HEADERS).with_json(answer)

    def answer(self, operation: str, region: str, body: bytes) -> Wire:
        """Return what an operation answers.

        Raises:
            StatesRefusal: AWS would refuse.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            raise StatesRefusal("UnknownOperationException", f"{operation} is not served by the local AWS.")
        return handler(region, _read(operation, body))


def _read(operation: str, body: bytes) -> Wire:
    try:
        request: object = json.loads(body or b"{}")
    except ValueError as error:
        raise StatesRefusal("SerializationException", f"The request's body is not JSON: {error}") from None
    if not isinstance(request, dict):
        raise StatesRefusal("SerializationException", "The request's body is not a JSON object.")
    given = {name: value for name, value in cast(Wire, request).items() if value is not None}
    shape = _model().operation_model(operation).input_shape
    if shape and (report := ParamValidator().validate(given, shape)).has_errors():
        raise StatesRefusal("ValidationException", report.generate_report())
    return given


@functools.cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("stepfunctions", "service-2"), "stepfunctions")
