"""Events, as EventBridge hands them to its targets."""

import uuid
from datetime import UTC, datetime
from typing import Any

import attrs

Wire = dict[str, Any]


def second_of(epoch_s: float) -> str:
    """Return a time as events have it: in whole seconds."""
    return datetime.fromtimestamp(int(epoch_s), UTC).isoformat().replace("+00:00", "Z")


@attrs.frozen(kw_only=True)
class Event:
    """One event on its way to a bus.

    Args:
        account: The account that it is from.
        region: The region that it is from, and whose bus it goes to.
        source: Who says it, such as `aws.batch`.
        kind: Its `detail-type`.
        time: When it happened, in epoch seconds.
        detail: What it says.
        resources: ARNs of what it is about.
        bus: The name of the bus.
        id: Its own id.
        is_forwarded: Whether it has come from another bus; such an event is not sent on to a third.
    """

    account: str
    region: str
    source: str
    kind: str
    time: float
    detail: Wire = attrs.field(repr=False, hash=False)
    resources: tuple[str, ...] = ()
    bus: str = "default"
    id: str = attrs.field(factory=lambda: str(uuid.uuid4()))
    is_forwarded: bool = False

    def envelope(self) -> Wire:
        """Return the event as targets see it ("Event structure", EventBridge guide)."""
        return {
            "version": "0",
            "id": self.id,
            "detail-type": self.kind,
            "source": self.source,
            "account": self.account,
            "time": second_of(self.time),
            "region": self.region,
            "resources": list(self.resources),
            "detail": self.detail,
        }
