"""What AWS says of a tear-down: of the last execution that carries it out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

import attrs

from batchwright._wire import Description, structure, wire

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from batchwright.connection import Connection


@attrs.frozen(kw_only=True)
class TeardownDescription(Description):
    """What `states:DescribeExecution` reports of one tear-down.

    Attributes:
        status: `"RUNNING"` while it waits for the jobs or takes away, `"SUCCEEDED"` when all is gone, `"FAILED"`,
            `"TIMED_OUT"`, or `"ABORTED"` where somebody stopped it.
        status_reason: AWS's error and its cause, where it failed.
        name: Its name.
        run: Which execution it is: a long wait takes several, and so does a tear-down that failed.
        execution_arn: The execution.
        started: When this execution began.
        stopped: When it ended, or None.
        volume_token: The creation token of the volume that it takes away, or an empty string.
    """

    _live: ClassVar[tuple[str, ...]] = ("run", "execution_arn", "started", "stopped")

    status: str = "RUNNING"
    status_reason: str = attrs.field(default="", metadata=wire("batchwrightReason"))
    name: str = attrs.field(default="", metadata=wire("batchwrightName"))
    run: int = 1
    execution_arn: str
    started: dt.datetime | None = attrs.field(default=None, metadata=wire("startDate"))
    stopped: dt.datetime | None = attrs.field(default=None, metadata=wire("stopDate"))
    volume_token: str = attrs.field(default="", metadata=wire("batchwrightToken"))

    @property
    def finished(self) -> bool:
        """Whether this execution has ended, well or not."""
        return self.stopped is not None or self.status != "RUNNING"


def described(session: Connection, run: int, answer: DescribeExecutionOutputTypeDef) -> TeardownDescription:
    """The description of the run of this number."""
    wish = wish_in(cast("Mapping[str, object]", answer))
    reason = ": ".join(part for part in (answer.get("error", ""), answer.get("cause", "")) if part)
    return structure(
        TeardownDescription,
        cast("Any", answer),
        read_at=session.clock.now(),
        run=run,
        name=str(wish.get("name") or answer["name"]),
        status_reason=reason,
        volume_token=str(wish.get("token", "")),
    )


def wish_in(answer: Mapping[str, object]) -> Mapping[str, object]:
    """What the execution was told to do; nothing in one that somebody else started."""
    try:
        told: object = json.loads(str(answer.get("input", "{}")))
    except ValueError:
        return {}
    wish: object = cast("Mapping[str, object]", told).get("wish") if isinstance(told, Mapping) else None
    return cast("Mapping[str, object]", wish) if isinstance(wish, Mapping) else {}
