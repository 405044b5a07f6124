"""What a state's Retry and Catch make of its failure."""

import random
from typing import Any

from batchwright.local.state_machines.failures import Json, StateFailure, matches

Rule = dict[str, Any]


def retry_delay_s(rules: list[Rule], failure: StateFailure, counts: dict[int, int]) -> float | None:
    """Return after how many seconds the state is tried again, None where it is not.

    Args:
        rules: The state's Retry.
        failure: How it failed.
        counts: How often each rule has been used, by its place; counted up here.
    """
    for place, rule in enumerate(rules):
        if not matches(rule["ErrorEquals"], failure.error):
            continue
        used = counts.get(place, 0)
        if used >= rule.get("MaxAttempts", 3):
            return None
        counts[place] = used + 1
        delay_s = rule.get("IntervalSeconds", 1) * rule.get("BackoffRate", 2.0) ** used
        delay_s = min(delay_s, rule.get("MaxDelaySeconds", delay_s))
        is_full = rule.get("JitterStrategy", "NONE") == "FULL"
        return random.uniform(0, delay_s) if is_full else delay_s  # noqa: S311 - jitter guards nothing
    return None


def catcher_of(rules: list[Rule], failure: StateFailure) -> Json:
    """Return the Catch rule that takes the failure, None where none does."""
    return next((rule for rule in rules if matches(rule["ErrorEquals"], failure.error)), None)
