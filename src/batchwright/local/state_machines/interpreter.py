"""Runs a state machine's definition, as a generator that yields the time from which it has something to do again."""

import copy
from collections.abc import Callable, Generator
from typing import Any, Protocol, cast

import attrs

from batchwright.local.messages import as_list
from batchwright.local.state_machines.choices import holds, instant
from batchwright.local.state_machines.expressions import evaluate
from batchwright.local.state_machines.failures import RUNTIME, Json, StateFailure, as_text, runtime_failure
from batchwright.local.state_machines.paths import read, written
from batchwright.local.state_machines.retrying import catcher_of, retry_delay_s
from batchwright.local.state_machines.templates import filled

Wire = dict[str, Any]
Steps = Generator[float, None, Json]
"""Yields the epoch second at which to go on, and returns the output."""
_LARGEST_PAYLOAD_BYTES = 262_144


class History(Protocol):
    """Keeps what happens in an execution."""

    def __call__(self, kind: str, details: Wire | None = None) -> None:
        """Append an event, such as `TaskStateEntered` with the details that its type has."""
        ...


@attrs.define(kw_only=True, eq=False)
class Interpreter:
    """Runs the states of one execution.

    Args:
        call: Carries out a Task: takes its Resource and its Parameters, returns its result.
        now: Tells the time in epoch seconds.
        stamp: Writes a time as the context object has it.
        history: Keeps what happens.
    """

    call: Callable[[str, Json], Json]
    now: Callable[[], float]
    stamp: Callable[[float], str]
    history: History

    def run(self, block: Wire, data: Json, context: Wire) -> Steps:
        """Run the states of a machine, of one item of a Map, or of one branch of a Parallel.

        Raises:
            StateFailure: A state failed, and no Catch took it.
        """
        name = block["StartAt"]
        while True:
            state = block["States"][name]
            entered = {"EnteredTime": self.stamp(self.now()), "Name": name, "RetryCount": 0}
            self.history(f"{state['Type']}StateEntered", {"name": name, "input": as_text(data)})
            data, following = yield from self._attempted(name, state, data, {**context, "State": entered})
            self.history(f"{state['Type']}StateExited", {"name": name, "output": as_text(data)})
            if following is None:
                return data
            name = following

    def _attempted(
        self, name: str, state: Wire, data: Json, context: Wire
    ) -> Generator[float, None, tuple[Json, str | None]]:
        """Run one state as often as its Retry says; returns its output and the next state's name."""
        counts: dict[int, int] = {}
        while True:
            try:
                return (yield from self._once(state, data, context))
            except StateFailure as failure:
                delay_s = retry_delay_s(state.get("Retry", []), failure, counts)
                if delay_s is None:
                    return self._caught(name, state, data, failure)
                context["State"]["RetryCount"] += 1
                yield self.now() + delay_s

    def _caught(self, name: str, state: Wire, data: Json, failure: StateFailure) -> tuple[Json, str | None]:
        catcher = catcher_of(state.get("Catch", []), failure)
        if catcher is None:
            if failure.error == RUNTIME and not failure.cause.startswith("An error occurred"):
                failure.cause = f"An error occurred while executing the state '{name}'. {failure.cause}"
            raise failure
        return written(catcher.get("ResultPath", "$"), data, failure.output()), catcher["Next"]

    def _once(self, state: Wire, data: Json, context: Wire) -> Generator[float, None, tuple[Json, str | None]]:
        kind, path = state["Type"], state.get("InputPath", "$")
        given: Json = {} if path is None else read(path, data, context, field="InputPath")
        following = _choice(state, given, context) if kind == "Choice" else state.get("Next")
        result = given
        if kind not in {"Choice", "Succeed"}:
            result = yield from self._effect(kind, state, given, context)
        if kind not in {"Choice", "Succeed", "Wait"}:
            if "ResultSelector" in state:
                result = filled(state["ResultSelector"], result, context)
            result = written(state.get("ResultPath", "$"), data, result)
        path = state.get("OutputPath", "$")
        output: Json = {} if path is None else read(path, result, context, field="OutputPath")
        if len(as_text(output).encode()) > _LARGEST_PAYLOAD_BYTES:
            raise StateFailure("States.DataLimitExceeded", "The state's output exceeds 256 KiB.")
        return output, following

    def _effect(self, kind: str, state: Wire, given: Json, context: Wire) -> Steps:
        """Do what the state is there for; returns its result."""
        if kind == "Wait":
            yield self._due_at(state, given, context)
            return given
        if kind == "Fail":
            raise _failure(state, given, context)
        if kind == "Map":
            return (yield from self._map(state, given, context))
        given = filled(state["Parameters"], given, context) if "Parameters" in state else given
        if kind == "Parallel":
            return (yield from self._side_by_side([(block, given, context) for block in state["Branches"]]))
        if kind == "Task":
            return self.call(state["Resource"], given)
        return copy.deepcopy(state["Result"]) if "Result" in state else given

    def _due_at(self, state: Wire, given: Json, context: Wire) -> float:
        for field in ("Seconds", "Timestamp"):
            if field in state or f"{field}Path" in state:
                path = state.get(f"{field}Path")
                value = state[field] if path is None else read(path, given, context, field=f"{field}Path")
                try:
                    return self.now() + float(value) if field == "Seconds" else instant(value)
                except (TypeError, ValueError):
                    raise runtime_failure(f"The value {as_text(value)} of {field} is none to wait for.") from None
        raise runtime_failure("The Wait state does not say for how long.")

    def _map(self, state: Wire, given: Json, context: Wire) -> Steps:
        items = read(state.get("ItemsPath", "$"), given, context, field="ItemsPath")
        if not isinstance(items, list):
            raise runtime_failure(f"Reference path {state.get('ItemsPath', '$')} must point to array.")
        block = state.get("ItemProcessor") or state["Iterator"]
        selector = state.get("ItemSelector", state.get("Parameters"))
        runs: list[tuple[Wire, Json, Wire]] = []
        for index, item in enumerate(as_list(cast("object", items))):
            inner: Wire = {**context, "Map": {"Item": {"Index": index, "Value": item}}}
            runs.append((block, item if selector is None else filled(selector, given, inner), inner))
        return (yield from self._side_by_side(runs, most=state.get("MaxConcurrency", 0)))

    def _side_by_side(self, runs: list[tuple[Wire, Json, Wire]], *, most: int = 0) -> Steps:
        """Run blocks beside each other, at most `most` at a time (0: all); returns their outputs in order."""
        waiting = list(enumerate(self.run(*each) for each in runs))
        outputs: dict[int, Json] = {}
        active: dict[int, tuple[float, Steps]] = {}
        while waiting or active:
            while waiting and (not most or len(active) < most):
                place, steps = waiting.pop(0)
                active[place] = (self.now(), steps)
            for place, (due_at, steps) in list(active.items()):
                if due_at > self.now():
                    continue
                try:
                    active[place] = (next(steps), steps)
                except StopIteration as ended:
                    outputs[place] = ended.value
                    del active[place]
            if active and (not waiting or len(active) == most):
                yield min(due_at for due_at, _ in active.values())
        return [outputs[place] for place in range(len(runs))]


def _choice(state: Wire, given: Json, context: Wire) -> str:
    for rule in state["Choices"]:
        if holds(rule, given, context):
            return str(rule["Next"])
    if "Default" in state:
        return str(state["Default"])
    raise StateFailure("States.NoChoiceMatched", "No Choice rule matched, and the state has no Default.")


def _failure(state: Wire, given: Json, context: Wire) -> StateFailure:
    texts: list[str] = []
    for field in ("Error", "Cause"):
        path = state.get(f"{field}Path")
        if path is None:
            texts.append(state.get(field, ""))
        else:
            texts.append(str(evaluate(path, given, context, field=f"{field}Path")))
    return StateFailure(*texts)
