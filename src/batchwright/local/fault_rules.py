"""The faults that a local AWS has at the moment, and how often each has acted."""

import threading
from collections.abc import Callable, Iterable
from functools import partial

from batchwright.local.fault_effects import ConnectionLost, Site, Visit
from batchwright.local.faults import Fault, FaultCount
from batchwright.local.messages import Answer, Call
from batchwright.local.operations import operation_of
from batchwright.local.token_bucket import Buckets

Forward = Callable[[Call], Answer]


class _Rule:
    """A fault at work: what it has counted, and its buckets."""

    def __init__(self, fault: Fault) -> None:
        self._lock = threading.Lock()
        self.fault = fault
        self._seen = self._acted = 0
        self._buckets = Buckets()

    def count(self) -> FaultCount:
        with self._lock:
            return FaultCount(fault=self.fault, seen=self._seen, acted=self._acted)

    def __call__(self, call: Call, operation: str, site: Site, forward: Forward) -> Answer:
        with self._lock:
            self._seen += 1
            number = self._seen
        if not self.fault.selection.strikes(number, type(self.fault.effect).__name__):
            return forward(call)
        visit = Visit(call=call, operation=operation, carry_out=forward, site=site, buckets=self._buckets)
        try:
            answer = self.fault.effect(visit)
        except ConnectionLost:
            self._note()
            raise
        if answer is None:
            return forward(call)
        self._note()
        return answer

    def _note(self) -> None:
        with self._lock:
            self._acted += 1


class FaultRules:
    """The faults of one local AWS; they can be changed while calls come in.

    Args:
        site: The AWS that they happen in.
        faults: The first ones.
    """

    def __init__(self, site: Site, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._site = site
        self._rules: tuple[_Rule, ...] = ()
        self.add(*faults)

    def add(self, *faults: Fault) -> None:
        """Let these happen from now on, after those that there are."""
        with self._lock:
            self._rules += tuple(_Rule(fault) for fault in faults)

    def clear(self) -> None:
        """Let nothing go wrong any more, and forget the counts."""
        with self._lock:
            self._rules = ()

    def restart(self) -> None:
        """Keep the faults, and begin to count anew."""
        with self._lock:
            self._rules = tuple(_Rule(rule.fault) for rule in self._rules)

    def counts(self) -> tuple[FaultCount, ...]:
        """Return how often each has acted, in the order in which they were added."""
        return tuple(rule.count() for rule in self._rules)

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer a call as the faults let it.

        Raises:
            ConnectionLost: The caller is to get no answer.
        """
        rules = self._rules
        return _through(rules, call, operation_of(call), self._site, forward) if rules else forward(call)


def _through(rules: tuple[_Rule, ...], call: Call, operation: str, site: Site, forward: Forward) -> Answer:
    """Give the call to the first rule that is for it, which gives it to those behind, or keeps it."""
    for place, rule in enumerate(rules, 1):
        if rule.fault.selection.covers(operation):
            behind = partial(_through, rules[place:], operation=operation, site=site, forward=forward)
            return rule(call, operation, site, behind)
    return forward(call)
