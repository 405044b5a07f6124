"""Hands events to the targets that the local AWS has ("Event bus targets", EventBridge guide)."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs
from botocore.exceptions import BotoCoreError, ClientError

from batchwright.local.events.bus import Buses, Deliver, Delivery, UndeliveredError
from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import as_object
from batchwright.local.state_machines.conversion import UnknownMemberError, known_members, request_of
from batchwright.local.state_machines.integrations import integration_of
from batchwright.local.state_machines.policy_documents import Access, admits
from batchwright.local.state_machines.rights import Rights

Wire = dict[str, Any]
SERVED = ("batch", "events", "logs", "sqs", "states")
"""The services whose resources can be targets."""


SENDER = "events.amazonaws.com"


class Stores(Protocol):
    """Keeps log events and messages, past the operations that would cost more than all else."""

    def policies_on_queue(self, region: str, queue: str) -> list[str] | None:
        """Return the policies of an SQS queue, None where there is no such queue."""
        ...

    def policies_on_logs(self, region: str) -> list[str]:
        """Return the resource policies of CloudWatch Logs."""
        ...

    def has_log_group(self, region: str, group: str) -> bool:
        """Return whether the log group exists."""
        ...

    def append_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        """Append events, each with its time in epoch milliseconds."""
        ...

    def send_message(self, region: str, queue: str, text: str, group: str | None) -> str | None:
        """Put a message into an SQS queue; returns why it could not be."""
        ...


@attrs.frozen(kw_only=True, eq=False)
class Targets:
    """The targets of rules.

    Args:
        clients: Clients of all services of the local AWS.
        stores: Keep log events and messages.
        buses: The buses that events are sent on to.
        rights: Says what the role of a target may do.
    """

    clients: InnerClients
    stores: Stores
    buses: Buses
    rights: Rights

    def by_service(self) -> Mapping[str, Deliver]:
        """Return what hands an event to a target, by the service in the target's ARN."""
        return {
            "batch": self._to_batch,
            "events": self._to_bus,
            "logs": self._to_logs,
            "sqs": self._to_queue,
            "states": self._to_state_machine,
        }

    def _to_queue(self, delivery: Delivery) -> None:
        region, name = _place(delivery)
        group = (as_object(delivery.target.get("SqsParameters")) or {}).get("MessageGroupId")
        documents = self.stores.policies_on_queue(region, name)
        if documents is None:
            raise UndeliveredError(f"there is no queue {name}")
        self._require_admission(delivery, "sqs:SendMessage", documents)
        if problem := self.stores.send_message(region, name, delivery.text, group):
            raise UndeliveredError(problem)

    def _to_logs(self, delivery: Delivery) -> None:
        region, group = _place(delivery, at=6)
        if not self.stores.has_log_group(region, group):
            raise UndeliveredError(f"there is no log group {group}")
        self._require_admission(delivery, "logs:PutLogEvents", self.stores.policies_on_logs(region))
        moment_ms = round(delivery.event.time * 1000)
        self.stores.append_events(region, group, str(uuid.uuid4()), [(moment_ms, delivery.text)])

    def _to_bus(self, delivery: Delivery) -> None:
        region, resource = _place(delivery)
        if delivery.event.is_forwarded:
            raise UndeliveredError("an event goes from bus to bus once only")
        name = resource.partition("/")[2]
        self.buses.put(attrs.evolve(delivery.event, bus=name, region=region, is_forwarded=True))

    def _to_state_machine(self, delivery: Delivery) -> None:
        arn = str(delivery.target["Arn"])
        self._require_right(delivery, "states:StartExecution", {"stateMachineArn": arn})
        client = self.clients.state_machines(_place(delivery)[0])
        _called(lambda: client.start_execution(stateMachineArn=arn, input=delivery.text))

    def _to_batch(self, delivery: Delivery) -> None:
        """Submit a job; `Parameters` and the like in the target's input are its own, as AWS has them."""
        wanted: Wire = delivery.target["BatchParameters"]
        operation = integration_of("arn:aws:states:::batch:submitJob").operation
        shape = operation.input_shape
        given = _object(delivery.text)
        members = known_members(shape) if shape else {}
        own = {name: value for name, value in given.items() if name in members}
        own |= {name: wanted[name] for name in ("JobName", "JobDefinition", "ArrayProperties") if name in wanted}
        own["JobQueue"] = delivery.target["Arn"]
        if "RetryStrategy" in wanted:
            own["RetryStrategy"] = wanted["RetryStrategy"]
        try:
            request: Wire = request_of(shape, own) if shape else {}
        except UnknownMemberError as error:
            raise UndeliveredError(str(error)) from None
        self._require_right(delivery, "batch:SubmitJob", request)
        client = self.clients.batch(_place(delivery)[0])
        _called(lambda: client.submit_job(**request))

    def _require_right(self, delivery: Delivery, action: str, request: Wire) -> None:
        """Ask the target's role, as EventBridge acts under it."""
        role_arn, region = str(delivery.target["RoleArn"]), _place(delivery)[0]
        if refused := self.rights.refusal(role_arn, action, request, region):
            raise UndeliveredError(refused)

    def _require_admission(self, delivery: Delivery, action: str, documents: list[str]) -> None:
        """Ask the target's own policy, as EventBridge acts in its own name; its statements may name the rule."""
        arn = str(delivery.target["Arn"]).removesuffix(":*")
        resource = f"{arn}:log-stream:events" if action.startswith("logs:") else arn
        access = Access(action=action, resource=resource, keys=lambda: {"aws:SourceArn": delivery.rule_arn})
        if not admits(documents, SENDER, access):
            raise UndeliveredError(f"no policy of the target allows {action} to {SENDER}")


def _called(call: Callable[[], object]) -> None:
    try:
        call()
    except (ClientError, BotoCoreError) as error:
        raise UndeliveredError(str(error)) from None


def _place(delivery: Delivery, *, at: int = 5) -> tuple[str, str]:
    """The region and the resource of a target's ARN."""
    parts = str(delivery.target["Arn"]).split(":")
    return parts[3], parts[at]


def _object(text: str) -> Wire:
    try:
        return as_object(json.loads(text)) or {}
    except ValueError:
        return {}
