"""NeuroConv's `update_table_status`: what the code in a job says of itself."""

from __future__ import annotations

from batchwright.neuroconv.found import DEFAULT_REGION, NAMESPACE
from batchwright.notices import warn_caller
from batchwright.session import BatchSession


def update_table_status(
    *,
    submission_id: str,
    status: str,
    status_tracker_table_name: str = "neuroconv_batch_status_tracker",
    region: str = DEFAULT_REGION,
) -> None:
    """Write the status of a submission into the status tracker's table, from within the job or from anywhere.

    With the rights of the job's role, or whatever else boto3 finds: no key needs to be in a variable
    (`dynamodb:UpdateItem`). How AWS says that a job ended is final: once a wait has written it, it stays, with a
    warning.

    Args:
        submission_id: The row's id, as `table_submission_info["id"]` has it, and the variable
            `BATCHWRIGHT_SUBMISSION_ID` in the job's container.
        status: Any text of at least one character. SUCCEEDED and FAILED are AWS's words for a job that has ended.
        status_tracker_table_name: The table.
        region: The region of the table.

    Raises:
        NotFoundError: There is no such row or table. None is made: its id would never be submitted.
    """
    with BatchSession(NAMESPACE, region=region) as session:
        if not session.status_tracker(name=status_tracker_table_name).update(submission_id, status):
            warn_caller(
                f"The row {submission_id!r} of {status_tracker_table_name} in {region} says how its job ended, and "
                f"keeps that: {status!r} was not written.",
                UserWarning,
            )
