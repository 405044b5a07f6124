"""ListJobs of the local AWS Batch: defaults, filters, pages, lag."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from batchwright.local.delays import Delays

if TYPE_CHECKING:
    from conftest import Lab


def names(lab: "Lab", **request: object) -> list[str]:
    pages = lab.client.get_paginator("list_jobs").paginate(**request)
    return [each["jobName"] for page in pages for each in page["jobSummaryList"]]


def test_listing_shows_running_jobs_unless_told_otherwise(ready: "Lab") -> None:
    """Without a status or filter ListJobs knows RUNNING jobs only; a filter overrides the status."""
    first, second = ready.submit("first"), ready.submit("second")
    ready.advance(2)
    assert names(ready, jobQueue="lab") == []
    ready.set_job(second, status="RUNNING")
    assert names(ready, jobQueue="lab") == ["second"]
    by_name = [{"name": "JOB_NAME", "values": ["FIRST"]}]
    (seen,) = ready.client.list_jobs(jobQueue="lab", jobStatus="RUNNING", filters=by_name)["jobSummaryList"]
    assert (seen["jobId"], seen["status"]) == (first, "SUBMITTED")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("JOB_NAME", "Sub-*", ["sub-02", "sub-01"]),
        ("JOB_DEFINITION", "conv*", ["sub-02", "sub-01"]),
        ("JOB_DEFINITION", "Convert", []),
        ("JOB_DEFINITION", "arn:aws:batch:us-east-2:123456789012:job-definition/convert:1", ["sub-02", "sub-01"]),
        ("AFTER_CREATED_AT", "1700000121000", ["sub-02"]),
        ("BEFORE_CREATED_AT", "1700000121000", ["sub-01"]),
    ],
)
def test_filters_select_newest_first(ready: "Lab", name: str, value: str, expected: list[str]) -> None:
    """Each filter selects by its own rule, newest first."""
    ready.submit("sub-01")
    ready.advance(2)
    ready.submit("sub-02")
    ready.advance(2)
    assert names(ready, jobQueue="lab", filters=[{"name": name, "values": [value]}]) == expected


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "Exactly one of"),
        ({"jobQueue": "lab", "arrayJobId": "x"}, "Exactly one of"),
        ({"jobQueue": "gone"}, "JobQueue gone does not exist"),
        ({"jobQueue": "lab", "filters": [{"name": "JOB_NAME", "values": ["a"]}] * 2}, "Only one filter"),
        ({"jobQueue": "lab", "filters": [{"name": "TAG", "values": ["a"]}]}, "A filter is one of"),
        ({"jobQueue": "lab", "filters": [{"name": "AFTER_CREATED_AT", "values": ["now"]}]}, "milliseconds"),
    ],
)
def test_list_refuses(ready: "Lab", request_: dict[str, Any], message: str) -> None:
    """ListJobs needs one selector and at most one known filter."""
    assert message in ready.refusal("list_jobs", **request_)


def test_listing_pages_and_lags(ready: "Lab") -> None:
    """The index knows a job after the lag; filtered pages hold 100, and none is shown twice as new ones come."""
    for number in range(150):
        ready.submit(f"sub-{number:03}")
    everything = {"jobQueue": "lab", "filters": [{"name": "JOB_NAME", "values": ["sub-*"]}]}
    assert names(ready, **everything) == []
    ready.advance(2)
    first = ready.client.list_jobs(**everything)
    ready.submit("sub-new")
    ready.advance(2)
    rest = ready.client.list_jobs(**everything, nextToken=first["nextToken"])
    assert (len(first["jobSummaryList"]), len(rest["jobSummaryList"])) == (100, 50)
    assert len({each["jobId"] for each in first["jobSummaryList"] + rest["jobSummaryList"]}) == 150
    assert names(ready, **everything)[0] == "sub-new"


def test_nothing_waits_without_delays(make_lab: Callable[[Delays], "Lab"]) -> None:
    """With no delays a whole chain can be made and listed at one moment of the clock."""
    lab = make_lab(Delays.none())
    lab.queue("lab")
    lab.definition()
    lab.submit()
    assert names(lab, jobQueue="lab", jobStatus="SUBMITTED") == ["sub-01"]
