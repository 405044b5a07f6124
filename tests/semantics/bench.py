"""What a probe has at hand: a queue, submissions, and patience."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from semantics.account import Account
from semantics.semantic import NotOffered
from semantics.systems import System

PATIENCE_S: Final = 45.0
ENDED: Final = ("SUCCEEDED", "FAILED")
Described = dict[str, Any]
_ABSENT: Final = {404, 405, 501}
_PAUSE: Final = threading.Event()


class Bench:
    """One probe's view of a system; what it makes has names of its own.

    Args:
        system: The system.
        account: What its environments need.
    """

    def __init__(self, system: System, account: Account) -> None:
        self.system, self.account = system, account
        self.batch = self.client("batch")
        self.jobs: list[str] = []
        self.tag = f"p{uuid.uuid4().hex[:8]}"
        self._numbers = itertools.count()

    def client(self, service: str) -> Any:  # noqa: ANN401  # boto3's clients have no type of their own
        """A client of the system."""
        return client_of(self.system, service)

    def named(self) -> str:
        """A name that nothing has."""
        return f"{self.tag}-{next(self._numbers)}"

    def environment(self, max_vcpus: int = 64, name: str | None = None) -> str:
        """A compute environment that is VALID."""
        name = name or self.named()
        self.batch.create_compute_environment(**self.account.environment_request(name, max_vcpus))
        self.settled(name)
        return name

    def queue(self, *environments: str, max_vcpus: int = 64, priority: int = 1, **more: object) -> str:
        """A queue that is VALID, with an environment of its own where none is given."""
        name, names = self.named(), environments or (self.environment(max_vcpus),)
        found = self.batch.describe_compute_environments(computeEnvironments=list(names))["computeEnvironments"]
        arns = {each["computeEnvironmentName"]: each["computeEnvironmentArn"] for each in found}
        order = [{"order": place, "computeEnvironment": arns[each]} for place, each in enumerate(names, 1)]
        self.batch.create_job_queue(
            jobQueueName=name, state="ENABLED", priority=priority, computeEnvironmentOrder=order, **more
        )
        self._valid(lambda: self.batch.describe_job_queues(jobQueues=[name])["jobQueues"])
        return name

    def definition(self, command: list[str] | None = None, *, name: str | None = None, **more: Any) -> str:  # noqa: ANN401  # of the request
        """A definition, as `name:revision`."""
        container = {
            "image": self.system.image,
            "command": command or ["true"],
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
            **more.pop("container", {}),
        }
        request = {"jobDefinitionName": name or self.named(), "type": "container", "containerProperties": container}
        made = self.batch.register_job_definition(**{**request, **more})
        return f"{made['jobDefinitionName']}:{made['revision']}"

    def submit(
        self,
        command: list[str] | None = None,
        *,
        queue: str | None = None,
        definition: str | None = None,
        **more: object,
    ) -> str:
        """Submit a job; returns its id."""
        made = self.batch.submit_job(
            jobName=self.named(),
            jobQueue=queue or self.account.queue,
            jobDefinition=definition or self.definition(command),
            **more,
        )
        self.jobs.append(made["jobId"])
        self.system.jobs.append(made["jobId"])
        return str(made["jobId"])

    def shell(self, script: str, **more: Any) -> str:  # noqa: ANN401  # of `submit`
        """Submit a line of shell."""
        return self.submit(["sh", "-c", script], **more)

    def look(self, job_id: str) -> Described:
        """What DescribeJobs says of a job, nothing where it is not there."""
        found = self.batch.describe_jobs(jobs=[job_id])["jobs"]
        return dict(found[0]) if found else {}

    def until(self, job_id: str, *statuses: str, within_s: float = PATIENCE_S) -> Described:
        """The job once it has one of these states or has ended, or as it is after that time."""
        within_s = within_s if self.waited(lambda: self.look(job_id), bool, within_s=2) else 0
        return self.waited(
            lambda: self.look(job_id), lambda job: job.get("status") in (*statuses, *ENDED), within_s=within_s
        )

    def ended(self, job_id: str, *, within_s: float = PATIENCE_S) -> Described:
        """The job once it has ended, or as it is after that time."""
        return self.until(job_id, within_s=within_s)

    def all_ended(self, jobs: Iterable[str]) -> list[Described]:
        """Each of them."""
        return [self.ended(job) for job in jobs]

    def succeeds(self, script: str, **more: Any) -> bool:  # noqa: ANN401  # of `submit`
        """Whether a line of shell ends well as a job."""
        return self.ended(self.shell(script, **more)).get("status") == "SUCCEEDED"

    def waited(self, look: Callable[[], Any], enough: Callable[[Any], object], *, within_s: float = PATIENCE_S) -> Any:  # noqa: ANN401  # what `look` returns
        """What `look` sees once it is enough, or what it sees after that time."""
        ends_at = time.monotonic() + within_s
        while not enough(seen := look()) and time.monotonic() < ends_at:
            _PAUSE.wait(0.05)
        return seen

    def pause(self) -> None:
        """Let a second of everybody's time go by."""
        _PAUSE.wait(1)

    def let_pass(self, seconds: float) -> None:
        """Move the time, where it can be moved."""
        if self.system.advance is not None:
            self.system.advance(seconds)

    def refusal(self, call: Callable[[], object]) -> str | None:
        """AWS's message where the call is refused, None where it is accepted.

        Raises:
            NotOffered: The system does not know the operation.
        """
        try:
            call()
        except ClientError as error:
            if is_absent(error):
                raise NotOffered(str(error)) from error
            return str(error.response["Error"].get("Message", ""))
        return None

    def environment_refusal(self, name: str) -> str | None:
        """What is said to another environment of that name."""
        request = self.account.environment_request(name, 4)
        return self.refusal(lambda: self.batch.create_compute_environment(**request))

    def settled(self, environment: str) -> None:
        """Wait until it is not being changed any more."""
        self._valid(
            lambda: self.batch.describe_compute_environments(computeEnvironments=[environment])["computeEnvironments"]
        )

    def close(self) -> None:
        """End what still runs."""
        for job in self.jobs:
            if self.look(job).get("status") not in (*ENDED, None):
                self.batch.terminate_job(jobId=job, reason="the probe is over")

    def _valid(self, look: Callable[[], list[Described]]) -> None:
        self.waited(look, lambda found: found and found[0]["status"] == "VALID")


def client_of(system: System, service: str) -> Any:  # noqa: ANN401  # boto3's clients have no type of their own
    """A client of the system that asks once."""
    if service != "batch" and service not in system.services:
        raise NotOffered(service)
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return system.session.client(service, endpoint_url=system.endpoint_url, config=config)


def is_absent(error: Exception) -> bool:
    """Whether the system says that it has no such operation."""
    if isinstance(error, EndpointConnectionError):
        return True
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _ABSENT or "NotImplemented" in str(error)


def at_once(jobs: Iterable[Described]) -> int:
    """How many of these ran at the same time at the most, by their own timestamps."""
    moments = [(job["startedAt"], 1) for job in jobs if job.get("startedAt")]
    moments += [(job["stoppedAt"], -1) for job in jobs if job.get("startedAt") and job.get("stoppedAt")]
    return max(itertools.accumulate(step for _, step in sorted(moments)), default=0)
