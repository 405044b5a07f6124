"""Which fields each type of state has ("Amazon States Language", sections on the states)."""

from collections.abc import Mapping

_EVERY = frozenset({"Type", "Comment", "QueryLanguage"})
_DATA = frozenset({"InputPath", "OutputPath"})
_RESULT = frozenset({"ResultPath", "Parameters"})
_NEXT = frozenset({"Next", "End"})
_WORK = _DATA | _RESULT | _NEXT | {"ResultSelector", "Retry", "Catch"}

FIELDS: Mapping[str, frozenset[str]] = {
    "Task": _EVERY
    | _WORK
    | {"Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"},
    "Pass": _EVERY | _DATA | _RESULT | _NEXT | {"Result"},
    "Choice": _EVERY | _DATA | {"Choices", "Default"},
    "Wait": _EVERY | _DATA | _NEXT | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Succeed": _EVERY | _DATA,
    "Fail": _EVERY | {"Error", "Cause", "ErrorPath", "CausePath"},
    "Parallel": _EVERY | _WORK | {"Branches"},
    "Map": _EVERY
    | _WORK
    | {"ItemsPath", "ItemSelector", "ItemProcessor", "Iterator", "MaxConcurrency", "MaxConcurrencyPath", "Label"},
}
"""By type, all that a state may hold in JSONPath mode."""
REQUIRED: Mapping[str, tuple[str, ...]] = {"Task": ("Resource",), "Choice": ("Choices",), "Parallel": ("Branches",)}
NOT_SERVED = frozenset({"Credentials", "MaxConcurrencyPath"})
"""What AWS has and the local AWS has not."""
MACHINE = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"})
BLOCK = frozenset({"Comment", "StartAt", "States", "ProcessorConfig", "QueryLanguage"})
"""What a machine, and a block inside a Map or Parallel state, may hold."""
RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
CATCHER = frozenset({"ErrorEquals", "Next", "ResultPath", "Comment"})
