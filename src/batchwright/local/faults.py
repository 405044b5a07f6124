"""What can go wrong between a program and AWS, as values that a local AWS is given."""

from typing import Any, Unpack

import attrs

from batchwright.errors import DeclarationError
from batchwright.local.fault_effects import Delay, Effect, Error, LostAnswer, Reset, StaleSignature, Throttle
from batchwright.local.fault_listings import BULK, LISTINGS, RefusedJobs, StaleListing
from batchwright.local.fault_selection import Selecting, Selection, selection
from batchwright.local.fault_tables import WRITES, TransactionConflict, WriteCapacity

_GENERAL = (Delay, Error, LostAnswer, Reset, StaleSignature, Throttle)
_PARTICULAR = (RefusedJobs, StaleListing, TransactionConflict, WriteCapacity)
_EFFECTS = {kind.__name__: kind for kind in (*_GENERAL, *_PARTICULAR)}


@attrs.frozen
class Fault:
    """One thing that goes wrong, and the calls that it happens to; made by its class methods.

    Each takes, besides its own arguments, which calls are struck:

    - `operation`: `service:Operation` by boto3's names, such as `"batch:SubmitJob"`, `"batch:Describe*"` or
      `"dynamodb:*"`, or several of them; by default every call;
    - `calls`: which of the calls that fit, counted from 1: a number, several, or a range; by default all;
    - `probability`: the share of these that is struck, from 0 to 1, chosen by `seed`: for one seed always the same.

    Of several faults the first sees a call first, and the next one only what the first lets through.

    Raises:
        DeclarationError: An operation that does not exist, a negative time, a probability above 1.
    """

    effect: Effect
    selection: Selection

    @classmethod
    def delay(cls, seconds: float, **calls: Unpack[Selecting]) -> "Fault":
        """Let the call arrive `seconds` late: its signature is checked when it arrives."""
        return cls(Delay(seconds), selection(**calls))

    @classmethod
    def late_answer(cls, seconds: float, **calls: Unpack[Selecting]) -> "Fault":
        """Carry the call out, and let its answer arrive `seconds` late."""
        return cls(Delay(seconds, is_answer=True), selection(**calls))

    @classmethod
    def throttle(
        cls, per_second: float, burst: float = 1, *, shared: bool = False, **calls: Unpack[Selecting]
    ) -> "Fault":
        """Refuse calls that come faster, with the code that the called service has for it.

        It goes by the server's time. That of an `InProcessAws` stands still while botocore waits between its own
        attempts; throttle there what the session itself repeats, such as SubmitJob, or use a `LocalServer`.

        Args:
            per_second: How many calls a second are let through, in the long run.
            burst: How many at once; at least 1.
            shared: Whether all operations draw on one allowance, instead of one each.
            calls: Which calls are counted.
        """
        return cls(Throttle(per_second, burst, is_shared=shared), selection(**calls))

    @classmethod
    def error(
        cls,
        code: str | None = None,
        *,
        status: int | None = None,
        message: str | None = None,
        **calls: Unpack[Selecting],
    ) -> "Fault":
        """Answer with an error, and do not carry the call out.

        Args:
            code: The error code; by default the called service's own internal error, such as Batch's ServerException.
            status: The HTTP status, 400 to 599; by default 400 with a `code`, else that of the internal error.
            message: What the caller reads.
            calls: Which calls are struck.
        """
        return cls(Error(code, status, message), selection(**calls))

    @classmethod
    def lost_answer(cls, **calls: Unpack[Selecting]) -> "Fault":
        """Carry the call out, and close its connection without an answer."""
        return cls(LostAnswer(), selection(**calls))

    @classmethod
    def reset(cls, **calls: Unpack[Selecting]) -> "Fault":
        """Reset the connection, and do not carry the call out."""
        return cls(Reset(), selection(**calls))

    @classmethod
    def stale_signature(cls, **calls: Unpack[Selecting]) -> "Fault":
        """Refuse the call as signed too long ago."""
        return cls(StaleSignature(), selection(**calls))

    @classmethod
    def stale_listing(cls, seconds: float, **calls: Unpack[Selecting]) -> "Fault":
        """Show nothing that is younger than `seconds` where AWS Batch lists or describes.

        By default in ListJobs, DescribeJobs, DescribeComputeEnvironments, DescribeJobQueues and
        DescribeJobDefinitions; other operations are always up to date here.
        """
        return cls(StaleListing(seconds), _among(LISTINGS, calls))

    @classmethod
    def refused_jobs(
        cls,
        *places: int,
        code: str = "ThrottlingException",
        message: str = "Rate exceeded",
        **calls: Unpack[Selecting],
    ) -> "Fault":
        """Report some jobs of a CancelJobs or TerminateJobs as errors, and carry the call out for the others.

        Args:
            places: Which of the call's jobs, counted from 0; by default the first.
            code: The error code that is reported for each.
            message: The words that go with it.
            calls: Which calls are struck.
        """
        return cls(RefusedJobs(places or (0,), code, message), _among(BULK, calls))

    @classmethod
    def write_capacity(
        cls, table: str, units_per_second: float, burst_units: float | None = None, **calls: Unpack[Selecting]
    ) -> "Fault":
        """Give a DynamoDB table a limit of writes: a unit for each item, two for each in a transaction.

        A call that finds too few units is refused whole, a transaction by cancelling it.

        Args:
            table: The table's name.
            units_per_second: How many units come in.
            burst_units: How many can be saved up; by default those of 300 seconds, as on AWS.
            calls: Which writes use them up; by default all.
        """
        saved = max(300 * units_per_second, 1) if burst_units is None else burst_units
        return cls(WriteCapacity(table, units_per_second, saved), _among(WRITES, calls))

    @classmethod
    def transaction_conflict(cls, *places: int, **calls: Unpack[Selecting]) -> "Fault":
        """Cancel TransactWriteItems, as if another transaction were at work on some of its items.

        A write of one item, where `operation` names it, is refused as a TransactionConflictException.

        Args:
            places: Which items of the transaction, counted from 0; by default the first.
            calls: Which calls are struck.
        """
        calls.setdefault("operation", "dynamodb:TransactWriteItems")
        return cls(TransactionConflict(places or (0,)), _among(WRITES, calls))

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON."""
        effect = {"kind": type(self.effect).__name__, **_fields(self.effect)}
        return {"effect": effect, "selection": self.selection.to_wire()}

    @classmethod
    def from_wire(cls, content: dict[str, Any]) -> "Fault":
        """Return what `to_wire` wrote."""
        fields = dict(content["effect"])
        effect: Effect = _EFFECTS[fields.pop("kind")](**fields)
        return cls(effect, Selection.from_wire(content["selection"]))


def _among(operations: tuple[str, ...], calls: Selecting) -> Selection:
    """The selection of a fault that only some operations can have; all of these where it names none."""
    calls.setdefault("operation", operations)
    chosen = selection(**calls)
    if not any(chosen.covers(operation) for operation in operations):
        raise DeclarationError("fault", "operation", chosen.operations, f"it is among {', '.join(operations)}")
    return chosen


def _fields(value: object) -> dict[str, Any]:
    return attrs.asdict(value)  # type: ignore[arg-type]  # every effect is an attrs class, which a Protocol cannot say


@attrs.frozen(kw_only=True)
class FaultCount:
    """How often a fault has acted.

    Args:
        fault: The fault.
        seen: How many calls it was for, whether or not they were struck.
        acted: How many of these were struck.
    """

    fault: Fault
    seen: int = 0
    acted: int = 0

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"fault": self.fault.to_wire(), "seen": self.seen, "acted": self.acted}

    @classmethod
    def from_wire(cls, content: dict[str, Any]) -> "FaultCount":
        """Return what `to_wire` wrote."""
        return cls(fault=Fault.from_wire(content["fault"]), seen=content["seen"], acted=content["acted"])
