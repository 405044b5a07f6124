"""The jobs that need a consumable resource, as AWS lists them."""

from __future__ import annotations

from typing import Final

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import UNFINISHED
from batchwright.translation import is_missing

STARTED: Final = ("STARTING", "RUNNING", "SUCCEEDED")


@attrs.frozen(kw_only=True)
class NeedingJob:
    """One job that needs units; it takes them when it starts.

    Attributes:
        started: Whether it runs, or has run, or is about to.
    """

    job_id: str
    name: str
    status: str
    started: bool


def jobs_needing(session: Connection, name_or_arn: str, *, unfinished: bool = False) -> list[NeedingJob]:
    """Every job that needs this consumable resource (`batch:ListJobsByConsumableResource`); none if that is gone.

    Args:
        session: Whose clients to use.
        name_or_arn: The consumable resource.
        unfinished: Leave out what has ended.
    """
    from botocore.exceptions import ClientError

    pages = session.batch.get_paginator("list_jobs_by_consumable_resource").paginate(
        consumableResource=name_or_arn,
        filters=[{"name": "JOB_STATUS", "values": list(UNFINISHED)}] if unfinished else [],
    )
    try:
        return [
            NeedingJob(
                job_id=job["jobArn"].rpartition("/")[2],
                name=job["jobName"],
                status=job["jobStatus"],
                started="startedAt" in job or job["jobStatus"] in STARTED,
            )
            for page in pages
            for job in page["jobs"]
        ]
    except ClientError as error:
        if is_missing(error):
            return []
        raise
