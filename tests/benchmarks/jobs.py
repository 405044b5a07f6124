"""The yardstick's AWS Batch: a quota on SubmitJob, a neighbour who uses it too, and jobs that end when looked at."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Answer = tuple[int, bytes]
IDS_MAX: Final = {"describejobs": 100, "canceljobs": 50, "terminatejobs": 50}
SUBMISSION_VARIABLE: Final = "BATCHWRIGHT_SUBMISSION_ID"
PREMADE: Final = re.compile(r"premade-(\d+)")
FIRST_S: Final = 0.1
"""What is saved up at the start, in seconds of the quota: so little that a rate cannot look better than it is."""
TEMPLATE: Final = json.dumps(
    {
        "jobArn": "arn:aws:batch:us-east-2:123456789012:job/@id",
        "jobName": "@name",
        "jobId": "@id",
        "jobQueue": "arn:aws:batch:us-east-2:123456789012:job-queue/bench",
        "status": "@status",
        "attempts": [],
        "statusReason": "Essential container in task exited",
        "createdAt": 1_700_000_000_000,
        "startedAt": 1_700_000_060_000,
        "dependsOn": [],
        "jobDefinition": "arn:aws:batch:us-east-2:123456789012:job-definition/bench:1",
        "parameters": {},
        "container": {
            "image": "ghcr.io/lab/convert:2.1",
            "command": ["convert", "--input", "s3://lab/raw/@name", "--output", "s3://lab/done/@name"],
            "jobRoleArn": "arn:aws:iam::123456789012:role/batchwright/bench/job",
            "volumes": [],
            "environment": [{"name": SUBMISSION_VARIABLE, "value": "bench/@name"}],
            "mountPoints": [],
            "ulimits": [],
            "exitCode": 0,
            "logStreamName": "convert/default/@id",
            "resourceRequirements": [{"value": "2048", "type": "MEMORY"}, {"value": "1", "type": "VCPU"}],
            "networkInterfaces": [],
            "secrets": [],
        },
        "tags": {"batchwright:namespace": "bench"},
        "platformCapabilities": ["EC2"],
    }
)

STATUSES: Final = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
"""Premade jobs are listed in these, in turn."""
PAGE: Final = 1_000
SUMMARY: Final = json.dumps(
    {
        "jobArn": "arn:aws:batch:us-east-2:123456789012:job/@id",
        "jobId": "@id",
        "jobName": "@id",
        "createdAt": 1_700_000_000_000,
        "status": "@status",
        "statusReason": "Essential container in task exited",
        "startedAt": 1_700_000_060_000,
        "stoppedAt": 1_700_000_120_000,
        "container": {"exitCode": 0},
        "jobDefinition": "arn:aws:batch:us-east-2:123456789012:job-definition/bench:1",
    }
)


class Quota:
    """A token bucket, or none where the rate is 0.

    Args:
        per_s: How many come in a second.
        burst_s: How many are saved up at the most, in seconds' worth.
    """

    def __init__(self, per_s: float, burst_s: float) -> None:
        self.per_s, self.most = per_s, per_s * burst_s
        self.left = per_s * min(FIRST_S, burst_s)
        self.then: float | None = None  # nothing is saved up before the first request

    def take(self) -> bool:
        """Take one, if there is one."""
        if not self.per_s:
            return True
        now = time.monotonic()
        self.left = min(self.most, self.left + (now - (self.then or now)) * self.per_s)
        self.then = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Jobs:
    """What was submitted, in order, and the operations on jobs.

    Args:
        quota_per_s: SubmitJob requests that are accepted a second; 0 for no limit.
        burst_s: How much of the quota is saved up at the most, in seconds of it.
        looks: A job ends at the first, second, … of so many looks, spread evenly over the jobs; 0 for never.
        premade: Jobs that are there already, named `premade-0` and so on.
    """

    def __init__(self, *, quota_per_s: float = 0.0, burst_s: float = 1.0, looks: int = 0, premade: int = 0) -> None:
        self.quota, self.looks, self.premade = Quota(quota_per_s, burst_s), looks, premade
        self.names: dict[str, str] = {}
        self.submissions: Counter[str] = Counter()
        self.accepted_at: list[float] = []
        self.refused = 0
        self.seen: Counter[str] = Counter()
        self.operations: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "submitjob": self._submit,
            "describejobs": self._describe,
            "listjobs": self._list,
            "canceljob": lambda _: (200, b"{}"),
            "terminatejob": lambda _: (200, b"{}"),
            "canceljobs": self._many,
            "terminatejobs": self._many,
        }

    def row(self, submission_id: str) -> dict[str, Any] | None:
        """The tracker's row of a job that is there already."""
        found = PREMADE.fullmatch(submission_id.rpartition("/")[2])
        if found is None or int(found[1]) >= self.premade:
            return None
        texts = {"id": submission_id, "job_id": found[0], "job_name": found[0], "status": "SUBMITTED", "claim": "done"}
        return {name: {"S": text} for name, text in {**texts, "submitted_on": "2026-01-01T00:00:00+00:00"}.items()}

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all jobs that are there already."""
        return (row for index in range(self.premade) if (row := self.row(f"bench/premade-{index}")))

    def _submit(self, body: dict[str, Any]) -> Answer:
        if not self.quota.take():
            self.refused += 1
            return 429, b'{"message": "Too Many Requests"}'
        job_id, name = str(uuid.uuid4()), body["jobName"]
        environment = {
            item["name"]: item["value"] for item in body.get("containerOverrides", {}).get("environment", ())
        }
        self.names[job_id] = name
        self.submissions[environment.get(SUBMISSION_VARIABLE, name)] += 1
        self.accepted_at.append(time.monotonic())
        arn = f"arn:aws:batch:us-east-2:123456789012:job/{job_id}"
        return 200, json.dumps({"jobArn": arn, "jobId": job_id, "jobName": name}).encode()

    def _describe(self, body: Mapping[str, Any]) -> Answer:
        if len(body["jobs"]) > IDS_MAX["describejobs"]:
            return 400, b'{"message": "Too many jobs"}'
        found = ", ".join(text for job_id in body["jobs"] if (text := self._described(job_id)))
        return 200, f'{{"jobs": [{found}]}}'.encode()

    def _described(self, job_id: str) -> str | None:
        premade = PREMADE.fullmatch(job_id)
        name = job_id if premade and int(premade[1]) < self.premade else self.names.get(job_id)
        if name is None:
            return None
        self.seen[job_id] += 1
        turn = int(premade[1]) if premade else 0
        ended = self.looks and self.seen[job_id] > turn % self.looks
        return (
            TEMPLATE.replace("@name", name)
            .replace("@id", job_id)
            .replace("@status", "SUCCEEDED" if ended else "RUNNING")
        )

    def _list(self, body: Mapping[str, Any]) -> Answer:
        """By name, as looking for a lost job asks; without a filter by status, of what is there already."""
        if "filters" not in body:
            return self._page(body)
        wanted = {name for each in body.get("filters", ()) for name in each["values"] if each["name"] == "JOB_NAME"}
        found = [
            {"jobId": job_id, "jobName": name, "status": "RUNNABLE", "createdAt": int(time.time() * 1000)}
            for job_id, name in (self.names.items() if wanted else ())
            if name in wanted
        ]
        return 200, json.dumps({"jobSummaryList": found[-100:]}).encode()

    def _page(self, body: Mapping[str, Any]) -> Answer:
        status = body.get("jobStatus", "RUNNING")
        numbers = range(STATUSES.index(status), self.premade, len(STATUSES))
        start = int(body.get("nextToken", 0))
        of_status = SUMMARY.replace("@status", status)
        found = ", ".join(of_status.replace("@id", f"premade-{number}") for number in numbers[start : start + PAGE])
        more = f', "nextToken": "{start + PAGE}"' if start + PAGE < len(numbers) else ""
        return 200, f'{{"jobSummaryList": [{found}]{more}}}'.encode()

    def _many(self, body: Mapping[str, Any]) -> Answer:
        if len(body["jobs"]) > IDS_MAX["canceljobs"]:
            return 400, b'{"message": "Too many jobs"}'
        return 200, b'{"failedJobs": []}'
