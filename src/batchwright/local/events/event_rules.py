"""Serves EventBridge: rules and buses are moto's, what happens to an event is ours."""

import json
from typing import Any

import attrs

from batchwright.local.events.bus import Buses
from batchwright.local.events.event import Event
from batchwright.local.events.targets import SERVED
from batchwright.local.messages import Answer, Call, as_object
from batchwright.local.neighbour_rules import Forward
from batchwright.local.refused import refusal
from batchwright.local.state import State

Wire = dict[str, Any]
_HEADERS = {"content-type": "application/x-amz-json-1.1"}
_MOST_ENTRIES = 10
_MOST_TARGETS = 5
_WITH_ROLE = frozenset({"batch", "states"})


@attrs.frozen(kw_only=True, eq=False)
class EventRules:
    """AWS's rules for events and targets around moto's rules and buses.

    Args:
        state: Brings the account and the clock.
        buses: Take the events.
    """

    state: State
    buses: Buses
    service: str = "events"

    def reset(self) -> None:
        """Forget the events that have not been delivered."""
        self.buses.reset()

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of EventBridge."""
        operation = call.header("x-amz-target").rpartition(".")[2]
        if operation == "PutEvents":
            return self._put_events(call)
        if operation == "PutTargets":
            return self._put_targets(call, forward)
        return forward(call)

    def _put_events(self, call: Call) -> Answer:
        entries: list[Wire] = call.json().get("Entries") or []
        if not 1 <= len(entries) <= _MOST_ENTRIES:
            return _invalid(f"PutEvents takes 1 to {_MOST_ENTRIES} entries, not {len(entries)}.")
        answers = [self._put(call.region, entry) for entry in entries]
        failed = sum("ErrorCode" in answer for answer in answers)
        self.buses.deliver()
        return Answer(headers=_HEADERS).with_json({"FailedEntryCount": failed, "Entries": answers})

    def _put(self, region: str, entry: Wire) -> Wire:
        for member in ("Source", "DetailType", "Detail"):
            if not entry.get(member):
                reason = f"Parameter {member} is not valid. Reason: {member} is a required argument."
                return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
        if str(entry["Source"]).startswith("aws."):
            # Nobody but AWS speaks for AWS.
            return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
        try:
            detail = as_object(json.loads(entry["Detail"]))
        except ValueError:
            detail = None
        if detail is None:
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        event = Event(
            account=self.state.account,
            region=region,
            source=str(entry["Source"]),
            kind=str(entry["DetailType"]),
            time=float(entry.get("Time") or self.state.clock.now()),
            detail=detail,
            resources=tuple(entry.get("Resources") or ()),
            bus=str(entry.get("EventBusName") or "default").rpartition("/")[2],
        )
        self.buses.put(event)
        return {"EventId": event.id}

    def _put_targets(self, call: Call, forward: Forward) -> Answer:
        request = call.json()
        targets: list[Wire] = request.get("Targets") or []
        for target in targets:
            if problem := _problem_with(target):
                return _invalid(problem)
        bus = str(request.get("EventBusName") or "default").rpartition("/")[2]
        for rule in self.buses.rules_of(call.region, bus):
            names = {str(each["Id"]) for each in (*rule.targets, *targets)}
            if rule.name == request.get("Rule") and len(names) > _MOST_TARGETS:
                message = "The requested resource exceeds the maximum number allowed."
                return refusal("LimitExceededException", message, service="events")
        return forward(call)


def _problem_with(target: Wire) -> str | None:
    """Return why a target cannot be one."""
    arn = str(target.get("Arn", ""))
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        return f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
    if parts[2] not in SERVED:
        return f"The local AWS delivers events to {', '.join(SERVED)}, and not to {parts[2]} ({arn})."
    if parts[2] in _WITH_ROLE and not target.get("RoleArn"):
        return f"RoleArn is required for target {arn}."
    if parts[2] == "batch" and not {"JobName", "JobDefinition"} <= set(target.get("BatchParameters") or {}):
        return f"Parameter(s) BatchParameters must be specified for target: {target.get('Id')}."
    return None


def _invalid(message: str) -> Answer:
    return refusal("ValidationException", message, service="events")
