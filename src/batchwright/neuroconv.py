"""NeuroConv's `submit_aws_batch_job`, on top of the objects: the same call, the same answer, in any region."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, TypedDict, cast

import attrs

from batchwright.declaration import Declaration, resource
from batchwright.errors import NoRegionError, NotFoundError
from batchwright.jobs.ledger import Ledger, Row
from batchwright.lifecycle import Resource
from batchwright.many import ensure_all
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.definition_names import seed_definition_name
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.job_surroundings import check_surroundings
from batchwright.session import BatchSession
from batchwright.submitting import refuse_unfinished, submit_as_it_is, submit_next_run
from batchwright.values import OnDrift

NAMESPACE: Final = "neuroconv"
DEFAULT_REGION: Final = "us-east-2"
MOUNT_PATH: Final = "/mnt/efs"
SUBMITTED: Final = "Job submitted..."
ATTEMPT_TIMEOUT_S: Final = 86_400


class JobSubmissionInfo(TypedDict):
    """What AWS said of the submitted job."""

    jobId: str
    jobName: str
    jobArn: str


class TableSubmissionInfo(TypedDict):
    """The row in the status tracker's table."""

    id: str
    job_id: str
    job_name: str
    submitted_on: str
    status: str


class SubmissionInfo(TypedDict):
    """What `submit_aws_batch_job` returns."""

    job_submission_info: JobSubmissionInfo
    table_submission_info: TableSubmissionInfo


def submit_aws_batch_job(
    *,
    job_name: str,
    docker_image: str,
    commands: list[str] | None = None,
    environment_variables: dict[str, str] | None = None,
    efs_volume_name: str | None = None,
    job_dependencies: list[dict[str, str]] | None = None,
    status_tracker_table_name: str = "neuroconv_batch_status_tracker",
    iam_role_name: str = "neuroconv_batch_role",
    compute_environment_name: str = "neuroconv_batch_environment",
    job_queue_name: str = "neuroconv_batch_queue",
    job_definition_name: str | None = None,
    minimum_worker_ram_in_gib: int = 4,
    minimum_worker_cpus: int = 4,
    submission_id: str | None = None,
    region: str | None = None,
) -> SubmissionInfo:
    """Submit a container to AWS Batch, making whatever is missing around it.

    What NeuroConv's own function made before, under these names, is used as it is.

    Args:
        job_name: The job's name; refused while a job of this name is unfinished in the queue.
        docker_image: The container's image. Without a tag, or with `latest`, the definition's name carries the date.
        commands: Instead of the image's own command, as a list of words.
        environment_variables: Variables for the container.
        efs_volume_name: An EFS volume to mount at `/mnt/efs`.
        job_dependencies: Jobs that must succeed first, as `[{"jobId": "...", "type": "SEQUENTIAL"}]`.
        status_tracker_table_name: The DynamoDB table in which submissions are kept.
        iam_role_name: The role of the code in the container.
        compute_environment_name: Where jobs run.
        job_queue_name: Where jobs wait.
        job_definition_name: By default a name made of the image, the sizes and the volume.
        minimum_worker_ram_in_gib: Memory in GiB.
        minimum_worker_cpus: Virtual CPUs.
        submission_id: What the submission is known by in the table; by default a UUID of its own, which no two calls
            share.
        region: The AWS region; by default boto3's own configuration, then us-east-2.

    Returns:
        `{"job_submission_info": {jobId, jobName, jobArn}, "table_submission_info": {id, job_id, job_name,
        submitted_on, status}}`.

    Raises:
        UnfinishedJobError: A job of this name has not ended yet.
        ExceptionGroup: Something that the job needs could not be made.
    """
    with _session(region) as session:
        tracker = session.status_tracker(name=status_tracker_table_name)
        queue = _queue(session, job_queue_name, compute_environment_name)
        volume = _volume(session, efs_volume_name, queue) if efs_volume_name else None
        role = session.iam_role(name=iam_role_name, access_to=(tracker,))
        definition = session.job_definition(
            name=job_definition_name
            or seed_definition_name(
                docker_image=docker_image,
                minimum_worker_ram_in_gib=minimum_worker_ram_in_gib,
                minimum_worker_cpus=minimum_worker_cpus,
                efs_id=_file_system_id(volume),
                date=dt.datetime.fromtimestamp(session.clock.now()).astimezone().date(),
            ),
            image=docker_image,
            vcpus=minimum_worker_cpus,
            memory_gib=minimum_worker_ram_in_gib,
            volumes={MOUNT_PATH: volume} if volume else {},
            job_role=role,
            timeout_s=ATTEMPT_TIMEOUT_S,
        )
        job = NeuroConvJob(
            session,
            name=job_name,
            definition=definition,
            queue=queue,
            tracker=tracker,
            command=commands or (),
            environment=environment_variables or {},
            depends_on=cast("Sequence[Mapping[str, str]]", job_dependencies or ()),
            submission_id=submission_id or None,
        )
        return _submitted(job, next_run=not submission_id)


def _session(region: str | None) -> BatchSession:
    session = BatchSession(NAMESPACE, region=region)
    try:
        session.region  # noqa: B018  # asks boto3's configuration
    except NoRegionError:
        return BatchSession(NAMESPACE, region=DEFAULT_REGION)
    return session


def _file_system_id(volume: EfsVolume | None) -> str | None:
    """The volume's id, which the definition's name carries; it is made for that if it is missing."""
    return volume.ensure().description.file_system_id if volume else None


def _queue(session: BatchSession, name: str, environment_name: str) -> JobQueue:
    """The queue: found and used as it is if somebody else made it, declared otherwise."""
    environment = session.compute_environment(name=environment_name)
    if _foreign(environment):
        environment = FoundComputeEnvironment(
            session,
            name=environment_name,
            network=environment.network,
            security_groups=environment.security_groups,
            instance_profile=environment.instance_profile,
        )
    queue = session.job_queue(name=name, compute_environments=environment)
    return FoundJobQueue(session, name=name, compute_environments=environment) if _foreign(queue) else queue


def _volume(session: BatchSession, name: str, queue: JobQueue) -> EfsVolume:
    """The volume: used as it is if somebody else made it; a new one lets in the environments that were found."""
    volume = session.efs_volume(name=name)
    if _foreign(volume):
        return FoundEfsVolume(session, name=name, network=volume.network, security_groups=volume.security_groups)
    found = [each for each in queue.compute_environments if isinstance(each, FoundComputeEnvironment)]
    groups = tuple(group for each in found for group in each.describe().security_group_ids)
    return attrs.evolve(volume, security_groups=groups) if groups else volume


def _foreign(resource: Resource[Any]) -> bool:
    try:
        return not resource.owned(resource.describe())
    except NotFoundError:
        return False


@resource(kw_only=True)
class FoundComputeEnvironment(ComputeEnvironment):
    """An environment that somebody else made, used as it is: nothing of what we would make it from is needed."""

    kind: ClassVar[str] = ComputeEnvironment.kind

    def dependencies(self) -> tuple[Declaration, ...]:
        """None: it is there already."""
        return ()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}


@resource(kw_only=True)
class FoundJobQueue(JobQueue):
    """A queue that somebody else made, used as it is."""

    kind: ClassVar[str] = JobQueue.kind

    def dependencies(self) -> tuple[Declaration, ...]:
        """None: it is there already."""
        return ()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}


@resource(kw_only=True)
class FoundEfsVolume(EfsVolume):
    """A volume that somebody else made, used as it is."""

    kind: ClassVar[str] = EfsVolume.kind

    def dependencies(self) -> tuple[Declaration, ...]:
        """None: it is there already."""
        return ()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}


@resource(kw_only=True)
class NeuroConvJob(BatchJob):
    """A job whose submission ids look like NeuroConv's, and whose rows have its word for submitted jobs.

    The ids are counted, not random: of two calls with one name only one gets the next, also before AWS lists its job.
    """

    kind: ClassVar[str] = BatchJob.kind

    def default_submission_id(self, run: int) -> str:
        """A UUID4 made of the names and the run."""
        known_by = f"{self.session.namespace}/{self.required_queue.name}/{self.name}/{run}"
        return str(uuid.UUID(bytes=hashlib.sha256(known_by.encode()).digest()[:16], version=4))

    @property
    def _ledger(self) -> Ledger | None:
        return Ledger(self.session, self.tracker.name, submitted_status=SUBMITTED) if self.tracker else None


def _submitted(job: NeuroConvJob, *, next_run: bool) -> SubmissionInfo:
    resolved = Resolved()
    # A new revision harms nobody, and one of the older code lacks the role; all else that was found stays as it is.
    job.definition.ensure(on_drift=OnDrift.UPDATE)
    ensure_all(job.dependencies(), resolved)
    with job.translated():
        check_surroundings(job.definition, job.required_queue, resolved)
        refuse_unfinished(job, resolved)
    done, _ = submit_next_run(job, resolved) if next_run else submit_as_it_is(job, resolved)
    with done.translated():
        return _info(done)


def _info(job: BatchJob) -> SubmissionInfo:
    session, row = job.session, job._row() or Row(submission_id=job.submission_id, job_name=job.name)
    return {
        "job_submission_info": {
            "jobId": row.job_id,
            "jobName": job.name,
            "jobArn": f"arn:{session.partition}:batch:{session.region}:{session.account_id}:job/{row.job_id}",
        },
        "table_submission_info": {
            "id": job.submission_id,
            "job_id": row.job_id,
            "job_name": job.name,
            "submitted_on": row.submitted_on,
            "status": SUBMITTED,
        },
    }
