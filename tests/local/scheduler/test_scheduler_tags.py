"""Tags that jobs hand on to their tasks."""

from collections.abc import Callable
from typing import Any

import pytest

from batchwright.local.state import Definition


@pytest.mark.parametrize(
    ("job_says", "definition_says", "job_tags", "status"),
    [
        (True, False, 25, "FAILED"),
        (None, True, 25, "FAILED"),
        (False, True, 25, "SUCCEEDED"),
        (None, False, 25, "SUCCEEDED"),
        (True, False, 24, "SUCCEEDED"),
    ],
)
def test_more_than_50_tags_together_fail_a_job_that_propagates(
    new_cluster: Callable[..., Any], job_says: bool | None, definition_says: bool, job_tags: int, status: str
) -> None:
    """Tags of job and definition count once per key, the submission's word is before the definition's."""
    cluster = new_cluster()
    definition = Definition(
        name="tool",
        revision=3,
        arn=cluster.region.arn("job-definition/tool:3"),
        request={"propagateTags": definition_says},
        tags={f"definition-{number}": "" for number in range(26)} | {"both": ""},
    )
    cluster.region.definitions["tool"] = [definition]
    request = {} if job_says is None else {"propagateTags": job_says}
    tags = {f"job-{number}": "" for number in range(job_tags - 1)} | {"both": ""}
    job = cluster.submit(request=request, tags=tags)
    array = cluster.submit(request=request, tags=tags, array_size=2)
    cluster.tick()
    cluster.tick(10)
    assert (job.status, array.status) == (status, "SUCCEEDED")
    if status == "FAILED":
        assert "51 tags" in (job.status_reason or "")
        assert job.attempts == []
