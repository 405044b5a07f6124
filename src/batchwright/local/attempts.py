"""One attempt of a job: what it is told, what becomes of it, and whether another one follows."""

from collections.abc import Mapping, Sequence
from typing import Any

from batchwright.local.engines import Outcome
from batchwright.local.state import Attempt, Job

ENDED = "Essential container in task exited"
NOT_STARTED = "Task failed to start"
TIMED_OUT = "Job attempt duration exceeded timeout"


def environment_of(job: Job, *, queue_name: str, environment_name: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the job's next attempt.

    Args:
        job: Whose own variables win over `extra`, but not over those that Batch sets.
        queue_name: The queue it was taken from.
        environment_name: The compute environment it runs in.
        extra: What every job is given.
    """
    declared: Sequence[Mapping[str, Any]] = job.container.get("environment") or ()
    variables = {**extra, "AWS_REGION": job.region_name, "AWS_DEFAULT_REGION": job.region_name}
    variables |= {str(entry["name"]): str(entry.get("value") or "") for entry in declared}
    variables |= {
        "AWS_BATCH_JOB_ID": job.id,
        "AWS_BATCH_JOB_ATTEMPT": str(len(job.attempts) + 1),
        "AWS_BATCH_JQ_NAME": queue_name,
        "AWS_BATCH_CE_NAME": environment_name,
    }
    if job.index is not None:
        variables["AWS_BATCH_JOB_ARRAY_INDEX"] = str(job.index)
    return variables


def attempt_of(job: Job, outcome: Outcome, status_reason: str, stopped_at_ms: int) -> Attempt:
    """Return the record of the attempt that has just ended."""
    return Attempt(
        started_at_ms=job.started_at_ms,
        stopped_at_ms=stopped_at_ms,
        exit_code=outcome.exit_code,
        reason=outcome.reason,
        status_reason=status_reason,
        log_stream=job.log_stream,
    )


def is_retried(retry: Mapping[str, Any], attempt: Attempt, attempts_made: int) -> bool:
    """Tell whether a failed attempt is followed by another.

    The first entry of `evaluateOnExit` whose conditions all hold decides; where none does, the job is retried.

    Args:
        retry: The job's `retryStrategy`.
        attempt: The one that failed.
        attempts_made: How many there were, that one included.
    """
    if attempts_made >= int(retry.get("attempts") or 1):
        return False
    rules: Sequence[Mapping[str, Any]] = retry.get("evaluateOnExit") or ()
    for rule in rules:
        if _applies(rule, attempt):
            return str(rule.get("action", "")).upper() == "RETRY"
    return True


def _applies(rule: Mapping[str, Any], attempt: Attempt) -> bool:
    code = "" if attempt.exit_code is None else str(attempt.exit_code)
    seen = {
        "onExitCode": code,
        "onReason": attempt.reason or "",
        "onStatusReason": attempt.status_reason or "",
    }
    if attempt.exit_code is None and rule.get("onExitCode") is not None:
        return False
    return all(_matches(str(rule[key]), text) for key, text in seen.items() if rule.get(key) is not None)


def _matches(pattern: str, text: str) -> bool:
    """Match as Batch does: an asterisk means something at the end only."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
