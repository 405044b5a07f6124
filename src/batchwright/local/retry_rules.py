"""Legal retry strategies and time-outs, the same for definitions and submissions."""

import re

from batchwright.local.refusals import Refusal
from batchwright.local.state import Wire

_MOST_ATTEMPTS = 10
_MOST_CONDITIONS = 5
_SHORTEST_TIMEOUT_S = 60
_PATTERNS = {
    "onReason": re.compile(r"[0-9A-Za-z.:\s]{0,512}\*?"),
    "onStatusReason": re.compile(r"[0-9A-Za-z.:\s]{0,512}\*?"),
    "onExitCode": re.compile(r"[0-9]{0,512}\*?"),
}


def normal_retry(strategy: Wire) -> Wire:
    """Return the strategy as AWS describes it (actions in lower case), if it is legal."""
    conditions: list[Wire] = strategy.get("evaluateOnExit", [])
    if conditions and "attempts" not in strategy:
        raise Refusal("RetryAttempts must be provided with retry strategy")
    if not 1 <= strategy.get("attempts", 1) <= _MOST_ATTEMPTS:
        raise Refusal(f"retryStrategy.attempts must be between 1 and {_MOST_ATTEMPTS}.")
    if len(conditions) > _MOST_CONDITIONS:
        raise Refusal(f"retryStrategy.evaluateOnExit has at most {_MOST_CONDITIONS} entries.")
    for condition in conditions:
        _check_condition(condition)
    attempts = {"attempts": strategy["attempts"]} if "attempts" in strategy else {}
    return {**attempts, "evaluateOnExit": [{**each, "action": each["action"].lower()} for each in conditions]}


def _check_condition(condition: Wire) -> None:
    given = {member: condition[member] for member in _PATTERNS if member in condition}
    if not given:
        raise Refusal("An entry of evaluateOnExit needs one of onReason, onStatusReason, onExitCode.")
    for member, glob in given.items():
        if not _PATTERNS[member].fullmatch(glob):
            raise Refusal(f"evaluateOnExit.{member} {glob!r} does not match {_PATTERNS[member].pattern}.")


def check_timeout(timeout: Wire) -> None:
    """Raise Refusal for a time-out under a minute."""
    if timeout.get("attemptDurationSeconds", _SHORTEST_TIMEOUT_S) < _SHORTEST_TIMEOUT_S:
        raise Refusal(f"timeout.attemptDurationSeconds must be at least {_SHORTEST_TIMEOUT_S}.")
