"""Jobs that are children of an array: their rows say of which one, and nobody submits them alone."""

from __future__ import annotations

from typing import Final

import attrs

from batchwright.errors import SubmissionUnknownError
from batchwright.jobs.ledger import Row

MARK: Final = "fold"


@attrs.frozen
class Place:
    """Where a job went: a child of the array that has this submission id."""

    index: int
    parent: str

    def __str__(self) -> str:
        return f"{MARK}:{self.index}:{self.parent}"

    @classmethod
    def of(cls, row: Row) -> Place | None:
        """The place that a row tells of; None if its job is none of an array's."""
        mark, _, rest = row.claim.partition(":")
        index, _, parent = rest.partition(":")
        return cls(int(index), parent) if mark == MARK and index.isdigit() else None


def folded_elsewhere(label: str, region: str, submission_id: str, place: Place) -> SubmissionUnknownError:
    """The error for a job that is part of an array whose submission nobody has brought to its end yet."""
    return SubmissionUnknownError(
        f"{label} in {region}: it was folded into the array {place.parent!r}, which no row says to be submitted.",
        submission_id=submission_id,
        hint="Call submit_many(..., fold=True) with the same jobs as then: that finds the array or submits it.",
    )
