"""NeuroConv's `rclone_transfer_batch_job`: the same call and answer, with the configuration as a secret."""

from __future__ import annotations

import attrs

from batchwright.errors import UnfinishedJobError
from batchwright.neuroconv.answers import SubmissionInfo, info_of
from batchwright.neuroconv.containers import RCLONE_IMAGE, TRANSFER_COMMAND, transfer_environment
from batchwright.neuroconv.found import session_in
from batchwright.neuroconv.inputs import FilePath, check_transferred, rclone_config
from batchwright.neuroconv.pipeline import Pipeline, Work
from batchwright.neuroconv.starting import described, open_run, started


def rclone_transfer_batch_job(
    *,
    rclone_command: str,
    job_name: str,
    efs_volume_name: str,
    rclone_config_file_path: FilePath | None = None,
    status_tracker_table_name: str = "neuroconv_batch_status_tracker",
    compute_environment_name: str = "neuroconv_batch_environment",
    job_queue_name: str = "neuroconv_batch_queue",
    job_definition_name: str | None = None,
    minimum_worker_ram_in_gib: int = 4,
    minimum_worker_cpus: int = 4,
    submission_id: str | None = None,
    region: str | None = None,
    rclone_image: str = RCLONE_IMAGE,
) -> SubmissionInfo:
    """Submit a job that moves files by rclone to or from an EFS volume, making whatever is missing around it.

    The configuration goes into a secret that only this job's container is given, as the variable RCLONE_CONFIG, and
    that AWS takes away after the job's end. In the container it is the file `./rclone.conf`, which rclone finds with
    or without `--config ./rclone.conf`. The volume stays.

    Args:
        rclone_command: The command line, such as `"rclone copy my_drive:recordings /mnt/efs/source"`. AWS shows it to
            whoever may describe jobs, so passwords belong into the configuration.
        job_name: The job's name; refused while a job of this name is unfinished in the queue.
        efs_volume_name: An EFS volume to mount at `/mnt/efs`, made if it is missing; with a warning if it is a
            deployment's, and goes with it.
        rclone_config_file_path: rclone's configuration, 64 KiB at most; by default `~/.rclone/rclone.conf`.
        status_tracker_table_name: The DynamoDB table in which submissions are kept.
        compute_environment_name: Where jobs run.
        job_queue_name: Where jobs wait.
        job_definition_name: By default a name made of the image, the sizes and the volume.
        minimum_worker_ram_in_gib: Memory in GiB.
        minimum_worker_cpus: Virtual CPUs.
        submission_id: What the submission is known by in the table, which makes the same call again harmless; by
            default a UUID of its own.
        region: The AWS region; by default boto3's own configuration, then us-east-2.
        rclone_image: An image with rclone and `sh`; by default NeuroConv's.

    Returns:
        As of `submit_aws_batch_job`.

    Raises:
        FileNotFoundError: There is no configuration; nothing was asked of AWS.
        DeclarationError: AWS would refuse an argument; nothing was asked of AWS.
        UnfinishedJobError: A job of this name has not ended yet.
        ExceptionGroup: Something that the job needs could not be made.
    """
    check_transferred(rclone_command)
    config = rclone_config(rclone_config_file_path)
    with session_in(region) as session:
        pipeline = Pipeline(
            session=session,
            transfer=attrs.evolve(
                transfer_work(job_name, rclone_command, rclone_image),
                memory_gib=minimum_worker_ram_in_gib,
                vcpus=minimum_worker_cpus,
                definition_name=job_definition_name,
                submission_id=submission_id or None,
            ),
            config=config,
            volume_name=efs_volume_name,
            table_name=status_tracker_table_name,
            environment_name=compute_environment_name,
            queue_name=job_queue_name,
        )
        return _submitted(pipeline)


def transfer_work(job_name: str, rclone_command: str, image: str) -> Work:
    """What a transfer runs, in the sizes that NeuroConv gives it."""
    return Work(
        job_name=job_name,
        image=image,
        command=TRANSFER_COMMAND,
        environment=transfer_environment(rclone_command),
        memory_gib=4,
        vcpus=4,
    )


def _submitted(pipeline: Pipeline) -> SubmissionInfo:
    run = open_run(pipeline)
    job, seen = run.last, described(run.last)
    if seen is not None and pipeline.is_counted:
        raise UnfinishedJobError(
            f"{job.label} in {pipeline.session.region}: job {seen.job_id} of this name is {seen.status}.", resource=job
        )
    job = started(pipeline, run).last
    with job.translated():
        return info_of(job)
