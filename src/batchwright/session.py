"""The session that users hold: clients, one factory per kind, and verbs over many resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self, cast

from batchwright.declaration import Declaration
from batchwright.diagnosis.verb import Diagnoses
from batchwright.factories import bound
from batchwright.inventory import Inventory, inventory
from batchwright.job_verbs import EndsJobs
from batchwright.jobs.request import Dependency
from batchwright.many import declared, delete_all, ensure_all
from batchwright.many_submissions.verb import SubmitsMany
from batchwright.outcome import Ensured, Resolved
from batchwright.planning.making import plan_all
from batchwright.planning.plan import Plan
from batchwright.report import Report, Step
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.consumable_resource import ConsumableResource
from batchwright.resources.efs_volume import EfsVolume, Mount
from batchwright.resources.iam_role import IamRole
from batchwright.resources.instance_profile import InstanceProfile
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.scheduling_policy import SchedulingPolicy
from batchwright.resources.security_group import SecurityGroup
from batchwright.resources.state_machine import StateMachine
from batchwright.resources.status_tracker import StatusTracker
from batchwright.resources.stored_secret import StoredSecret
from batchwright.resources.teardown import Teardown
from batchwright.submitting import submit_now
from batchwright.values import Action, OnDrift, RetryPolicy, Secret
from batchwright.watching.verb import WatchesJobs


class BatchSession(SubmitsMany, EndsJobs, WatchesJobs, Diagnoses):
    """One namespace in one region of one account; a context manager that closes its connections.

    Args:
        namespace: Whose things these are, 1 to 24 letters, digits, `-` or `_`; default names carry it.
        region: The AWS region; by default boto3's own configuration.
        profile: A profile of the AWS configuration.
        boto3_session: A live boto3 session to use instead; such a session cannot be pickled.
        endpoint_url: Where AWS is, if not at its usual address.
        tags: Tags for everything that this session makes.
        submission: The three times of the submission protocol.
        clock: Time; tests hand in another.
    """

    compute_environment = bound(ComputeEnvironment)
    job_queue = bound(JobQueue)
    job_definition = bound(JobDefinition)
    efs_volume = bound(EfsVolume)
    status_tracker = bound(StatusTracker)
    batch_job = bound(BatchJob)
    iam_role = bound(IamRole)
    instance_profile = bound(InstanceProfile)
    security_group = bound(SecurityGroup)
    scheduling_policy = bound(SchedulingPolicy)
    consumable_resource = bound(ConsumableResource)
    default_network = bound(DefaultNetwork)
    stored_secret = bound(StoredSecret)
    state_machine = bound(StateMachine)
    teardown = bound(Teardown)

    # --- over many resources --------------------------------------------------------------------------------------

    def ensure(self, *resources: Declaration, on_drift: OnDrift | None = None) -> Report[Ensured[Any]]:
        """Make AWS match these and all that they depend on, independent ones at the same time.

        The same call again continues what was cut short.

        Args:
            resources: What should exist.
            on_drift: For these: what to do with differences; see `Resource.ensure`.

        Returns:
            By resource, in the order of dependencies, what was done; it prints as a table.

        Raises:
            ExceptionGroup: Of every error; what did not depend on them was done.
        """
        resolved = Resolved()
        report = ensure_all(declared(resources, "ensure"), resolved, on_drift=on_drift)
        self._memory.remember({resource: ensured.description for resource, ensured in report.items()})
        return report

    def plan(self, *resources: Declaration) -> Plan:
        """What `ensure` would create, update or leave, what AWS cannot change, and what to think of before.

        Nothing is written. What the caller's identity may not read is `unknown` in the plan, which goes on.

        Args:
            resources: What should exist; what they depend on is part of the plan.

        Returns:
            By resource what would be done; it prints like a diff, and has `warnings`.

        Raises:
            ExceptionGroup: Of what `ensure` would fail with too, such as a network that is not there.
        """
        return plan_all(declared(resources, "plan"))

    def delete(self, *resources: Declaration, force: bool = False) -> Report[Step]:
        """Take these away, in the right order, after checking all of them.

        Args:
            resources: What should not exist any more. What they depend on stays, unless it is named too. With none
                named, everything that this session has ensured goes, but for what is declared `retain=True`.
            force: Also what this namespace did not make, and queues with unfinished jobs.

        Returns:
            By resource what was done; it prints as a table.

        Raises:
            ExceptionGroup: Of every error; when a check refuses, nothing was deleted.
        """
        going = declared(resources, "delete") or self._memory.resources()
        self._memory.distrust(going)
        report = delete_all(going, force=force, keep_retained=not resources)
        self._memory.forget(resource for resource, step in report.items() if step.action is not Action.RETAINED)
        return report

    def inventory(self) -> Inventory:
        """Everything that this namespace owns in this region, and its IAM roles, whether declared here or not."""
        known = frozenset((resource.kind, resource.name) for resource in self._memory.resources())
        return inventory(self, known)

    # --- jobs -----------------------------------------------------------------------------------------------------

    def submit(
        self,
        name: str,
        *,
        image: str,
        command: Iterable[str] = (),
        environment: Mapping[str, str] = {},  # never written to
        secrets: Mapping[str, Secret | StoredSecret | str] = {},  # never written to
        volumes: Mapping[str, EfsVolume | Mount | str] = {},  # never written to
        depends_on: Dependency | Iterable[Dependency] = (),
        vcpus: float = 1,
        memory_gib: float = 2,
        gpus: int | None = None,
        array_size: int | None = None,
        submission_id: str | None = None,
        platform: str = "EC2",
        queue: JobQueue | None = None,
        retry: RetryPolicy | None = None,
        timeout_s: int | None = None,
        run_at_most_once: bool = False,
        tags: Mapping[str, str] = {},  # never written to
    ) -> BatchJob:
        """Run a container now: make whatever is missing around it, and submit it once.

        What this session has ensured before is trusted, so the next call makes three requests: claim, submit, record.

        Args:
            name: The job's name; refused while a job of this name is unfinished in the queue.
            image: The container's image.
            command: Instead of the image's own, as a list of words.
            environment: Variables for this job; the values are shown nowhere.
            secrets: By variable, a `StoredSecret`, a `Secret` or an ARN.
            volumes: By absolute path in the container, a volume, a `Mount`, or the name of a volume.
            depends_on: Jobs that must succeed first.
            vcpus: Virtual CPUs.
            memory_gib: Memory in GiB.
            gpus: GPUs, on EC2.
            array_size: Makes it an array of 2 to 10000 children.
            submission_id: What the submission is known by, to make the same call again harmless; by default the next
                run of the name.
            platform: "EC2" or "FARGATE".
            queue: Where it waits; by default the session's own queue.
            retry: How often it runs again when it fails.
            timeout_s: Seconds for each attempt, 60 or more.
            run_at_most_once: Have AWS start at most one container; see `BatchJob`.
            tags: Tags of the job.

        Raises:
            UnfinishedJobError: A job of this name has not ended yet.
            ExceptionGroup: Something that it needs could not be made.
        """
        mounted = {
            path: self.efs_volume(name=volume) if isinstance(volume, str) else volume
            for path, volume in volumes.items()
        }
        definition = self.job_definition(
            image=image,
            vcpus=vcpus,
            memory_gib=memory_gib,
            gpus=gpus,
            secrets=secrets,
            volumes=mounted,
            platform=cast("Any", platform),
        )
        chosen = {"queue": queue, "submission_id": submission_id}
        job = self.batch_job(
            name=name,
            definition=definition,
            command=command,
            environment=environment,
            depends_on=depends_on,
            array_size=array_size,
            retry=retry,
            timeout_s=timeout_s,
            run_at_most_once=run_at_most_once,
            tags=tags,
            **cast("Any", {field: value for field, value in chosen.items() if value is not None}),
        )
        return submit_now(job, self._memory, next_run=submission_id is None)

    # --- life -----------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, object]:
        made_here = ("defaults", "memory", "poller")
        return {key: value for key, value in super().__getstate__().items() if key not in made_here}
