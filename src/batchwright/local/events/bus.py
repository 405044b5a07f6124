"""Event buses: which rules an event matches, and that each of their targets gets it."""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import attrs

from batchwright.local.events.event import Event
from batchwright.local.events.target_input import input_of

Wire = dict[str, Any]
logger = logging.getLogger("batchwright.local.events")


class Pattern(Protocol):
    """What a rule asks of events."""

    def matches_event(self, event: Wire, /) -> bool:
        """Return whether the event is meant."""
        ...

    def get_pattern(self) -> Wire:
        """Return the pattern; a rule that only has a schedule has an empty one."""
        ...


class Rule(Protocol):
    """A rule of a bus, as the service keeps it."""

    name: str
    state: str
    targets: list[Wire]

    @property
    def arn(self) -> str:
        """Its ARN."""
        ...

    @property
    def event_pattern(self) -> Pattern:
        """What it asks of events."""
        ...


RulesOf = Callable[[str, str], Iterable[Rule]]
"""Returns the rules of a region's bus, none where there is no such bus."""


class UndeliveredError(Exception):
    """A target could not take an event."""


@attrs.frozen(kw_only=True)
class Delivery:
    """One event for one target: its ARN and settings, and the text that it is to be sent."""

    event: Event
    target: Wire
    rule_arn: str
    text: str = attrs.field(repr=False)


Deliver = Callable[[Delivery], None]
"""Hands an event to a target, or raises `UndeliveredError`."""


@attrs.define(kw_only=True, eq=False)
class Buses:
    """All event buses; whoever uses them holds the state's lock.

    Args:
        rules_of: Returns the rules of a bus.
        targets: By the service in a target's ARN, what hands events to it.
    """

    rules_of: RulesOf
    targets: Mapping[str, Deliver] = attrs.field(factory=dict[str, Deliver])
    _waiting: deque[Event] = attrs.field(factory=deque[Event], alias="waiting")
    _is_delivering: bool = attrs.field(init=False, default=False)

    def listens(self, region: str, bus: str = "default") -> bool:
        """Return whether any rule of the bus could match an event; where none could, none need be made."""
        return any(_is_listening(rule) for rule in self.rules_of(region, bus))

    def put(self, event: Event) -> None:
        """Take in an event; it is delivered by the next `deliver`."""
        self._waiting.append(event)

    def deliver(self) -> None:
        """Hand what has come in to the targets of the rules that it matches; it raises nothing."""
        if self._is_delivering:
            return  # a target has called a service, which delivers what is due before it answers
        self._is_delivering = True
        try:
            while self._waiting:
                event = self._waiting.popleft()
                with _noted(f"The event {event.id} of bus {event.bus} in {event.region} reached no rule"):
                    self._deliver_one(event)
        finally:
            self._is_delivering = False

    def reset(self) -> None:
        """Forget what has not been delivered."""
        self._waiting.clear()

    def _deliver_one(self, event: Event) -> None:
        envelope = event.envelope()
        for rule in list(self.rules_of(event.region, event.bus)):
            if _is_listening(rule) and rule.event_pattern.matches_event(envelope):
                for target in list(rule.targets):
                    self._send(event, envelope, rule, target)

    def _send(self, event: Event, envelope: Wire, rule: Rule, target: Wire) -> None:
        arn = str(target["Arn"])
        with _noted(f"An event of {rule.arn} did not reach {arn}"):
            text = input_of(target, envelope, rule_name=rule.name, rule_arn=rule.arn)
            self.targets[arn.split(":")[2]](Delivery(event=event, target=target, rule_arn=rule.arn, text=text))


@contextmanager
def _noted(what: str) -> Generator[None, None, None]:
    """Note a failure as a problem: AWS tells nobody but a metric, and least of all whoever happens to call next."""
    try:
        yield
    except UndeliveredError as error:
        logger.warning("%s: %s", what, error)
    except Exception as error:
        logger.warning("%s: %s: %s", what, type(error).__name__, error, exc_info=True)


def _is_listening(rule: Rule) -> bool:
    return rule.state == "ENABLED" and bool(rule.targets) and bool(rule.event_pattern.get_pattern())
