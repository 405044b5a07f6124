"""The server's own operations, for the session that started it: its time, its engine, its faults, its end."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from batchwright.local.fault_rules import FaultRules
from batchwright.local.faults import Fault
from batchwright.local.gateway import CONTROL_PATH
from batchwright.local.messages import Answer, Call, answer_json
from batchwright.local.refused import refusal
from batchwright.local.state import State


@attrs.frozen(kw_only=True)
class Control:
    """Serves `POST /batchwright-local/<operation>`.

    Args:
        state: The server's memory.
        engine: The name of the engine that runs the jobs.
        reset: Forgets everything.
        shut_down: Ends the server, soon after it has answered.
        faults: What goes wrong on the way to the services.
        problems: Tells what went wrong inside the server.
    """

    state: State
    engine: str
    reset: Callable[[], None]
    shut_down: Callable[[], None]
    faults: FaultRules
    problems: Callable[[], list[str]] = list[str]

    def __call__(self, call: Call) -> Answer:
        """Answer one operation: `status` asks for nothing else, and every other one is answered by the status too."""
        operation = call.path.removeprefix(CONTROL_PATH)
        serve = self._operations().get(operation)
        if call.method != "POST" or serve is None:
            return refusal("UnknownOperationException", f"The server has no operation '{operation}'.", status=404)
        serve(call.json())
        return answer_json(self._status())

    def _operations(self) -> Mapping[str, Callable[[dict[str, Any]], object]]:
        return {
            "advance": lambda content: self.state.clock.advance(float(content["seconds"])),
            "set-time": lambda content: self.state.clock.set(float(content["epoch_s"])),
            "reset": lambda _: self.reset(),
            "status": lambda _: None,
            "shut-down": lambda _: self.shut_down(),
            "add-faults": lambda content: self.faults.add(*map(Fault.from_wire, content["faults"])),
            "clear-faults": lambda _: self.faults.clear(),
        }

    def _status(self) -> dict[str, Any]:
        with self.state.lock:
            jobs = [job for region in self.state.regions.values() for job in region.jobs.values()]
            counts = Counter(job.status for job in jobs)
        faults = [each.to_wire() for each in self.faults.counts()]
        now, problems = self.state.clock.now(), self.problems()
        return {"engine": self.engine, "now": now, "jobs": dict(counts), "problems": problems, "faults": faults}
