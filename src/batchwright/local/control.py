"""The server's own operations, for the session that started it: its time, its engine, its end."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

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
        problems: Tells what went wrong inside the server.
    """

    state: State
    engine: str
    reset: Callable[[], None]
    shut_down: Callable[[], None]
    problems: Callable[[], list[str]] = list[str]

    def __call__(self, call: Call) -> Answer:
        """Answer one operation: `advance`, `reset`, `status` or `shut-down`."""
        operation = call.path.removeprefix(CONTROL_PATH)
        if call.method != "POST" or operation not in {"advance", "reset", "status", "shut-down"}:
            return refusal("UnknownOperationException", f"The server has no operation '{operation}'.", status=404)
        if operation == "advance":
            self.state.clock.advance(float(call.json()["seconds"]))
        elif operation == "reset":
            self.reset()
        elif operation == "shut-down":
            self.shut_down()
        return answer_json(self._status())

    def _status(self) -> dict[str, Any]:
        with self.state.lock:
            jobs = [job for region in self.state.regions.values() for job in region.jobs.values()]
            counts = Counter(job.status for job in jobs)
        now, problems = self.state.clock.now(), self.problems()
        return {"engine": self.engine, "now": now, "jobs": dict(counts), "problems": problems}
