"""NeuroConv's `submit_aws_batch_job`, on top of the objects: the same call, the same answer, in any region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from batchwright.many import ensure_all
from batchwright.neuroconv.answers import SubmissionInfo, info_of
from batchwright.neuroconv.containers import MOUNT_PATH
from batchwright.neuroconv.found import queue_of, session_in, shared_volume
from batchwright.neuroconv.job import ATTEMPT_TIMEOUT_S, NeuroConvJob, definition_name
from batchwright.outcome import Resolved
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.job_surroundings import check_surroundings
from batchwright.submitting import refuse_unfinished, submit_as_it_is, submit_next_run
from batchwright.values import OnDrift


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
        efs_volume_name: An EFS volume to mount at `/mnt/efs`; with a warning if it is a deployment's, and goes with it.
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
    with session_in(region) as session:
        tracker = session.status_tracker(name=status_tracker_table_name)
        queue = queue_of(session, job_queue_name, compute_environment_name)
        volume = shared_volume(session, efs_volume_name, queue) if efs_volume_name else None
        role = session.iam_role(name=iam_role_name, access_to=(tracker,))
        definition = session.job_definition(
            name=job_definition_name
            or definition_name(
                session,
                image=docker_image,
                memory_gib=minimum_worker_ram_in_gib,
                vcpus=minimum_worker_cpus,
                file_system_id=_file_system_id(volume),
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


def _file_system_id(volume: EfsVolume | None) -> str | None:
    """The volume's id, which the definition's name carries; it is made for that if it is missing."""
    return volume.ensure().description.file_system_id if volume else None


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
        return info_of(done)
