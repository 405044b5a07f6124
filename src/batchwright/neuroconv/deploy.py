"""NeuroConv's `deploy_neuroconv_batch_job`: a transfer, a conversion after it, and a volume that goes by itself."""

from __future__ import annotations

from collections.abc import Mapping

from batchwright.neuroconv.answers import info_of
from batchwright.neuroconv.containers import (
    CONVERSION_COMMAND,
    NEUROCONV_IMAGE,
    RCLONE_IMAGE,
    conversion_environment,
)
from batchwright.neuroconv.deployment import Deployment, Whereabouts
from batchwright.neuroconv.found import session_in
from batchwright.neuroconv.inputs import FilePath, check_deployed, rclone_config, specification
from batchwright.neuroconv.pipeline import Pipeline, Work
from batchwright.neuroconv.starting import open_run, started
from batchwright.neuroconv.transfer import transfer_work
from batchwright.values import Secret


def deploy_neuroconv_batch_job(
    *,
    rclone_command: str,
    yaml_specification_file_path: FilePath,
    job_name: str,
    efs_volume_name: str,
    rclone_config_file_path: FilePath | None = None,
    status_tracker_table_name: str = "neuroconv_batch_status_tracker",
    compute_environment_name: str = "neuroconv_batch_environment",
    job_queue_name: str = "neuroconv_batch_queue",
    job_definition_name: str | None = None,
    minimum_worker_ram_in_gib: int = 16,
    minimum_worker_cpus: int = 4,
    region: str | None = None,
    rclone_image: str = RCLONE_IMAGE,
    neuroconv_image: str = NEUROCONV_IMAGE,
    neuroconv_secrets: Mapping[str, Secret | str] | None = None,
    keep_volume: bool = False,
) -> Deployment:
    """Move recordings to a volume by rclone, convert them there by NeuroConv's YAML, and have the volume taken away.

    It returns once both jobs are submitted; nobody has to stay on line for the rest. The tear-down that AWS carries
    out after the last job's end, well or not, is started first. The same call again goes on with what was cut short,
    and finds what was submitted as long as it has not ended; after that it deploys anew, once the volume of the run
    before is gone.

    The NWB files are written to `/mnt/efs`, so unless the YAML uploads them (`upload_to_dandiset`) they go with the
    volume: `keep_volume=True` leaves it.

    Args:
        rclone_command: As of `rclone_transfer_batch_job`; it must name `/mnt/efs/source`, where the conversion looks.
        yaml_specification_file_path: NeuroConv's YAML specification, 20 KiB at most.
        job_name: The jobs are `<job_name>_rclone_transfer` and `<job_name>_neuroconv_deployment`.
        efs_volume_name: The volume for both, at `/mnt/efs`; one that was there before is used, and not taken away, with
            a `KeptVolumeWarning`. An empty name has one made up.
        rclone_config_file_path: rclone's configuration, 64 KiB at most; by default `~/.rclone/rclone.conf`. It is
            given as a secret, which goes with the tear-down.
        status_tracker_table_name: The DynamoDB table in which submissions are kept.
        compute_environment_name: Where jobs run.
        job_queue_name: Where jobs wait.
        job_definition_name: The conversion's; by default a name made of the image, the sizes and the volume.
        minimum_worker_ram_in_gib: The conversion's memory in GiB.
        minimum_worker_cpus: The conversion's virtual CPUs.
        region: The AWS region; by default boto3's own configuration, then us-east-2.
        rclone_image: An image with rclone and `sh`; by default NeuroConv's.
        neuroconv_image: An image with neuroconv and `sh`; by default NeuroConv's.
        neuroconv_secrets: By variable of the conversion's container, the ARN of a secret, such as that of the
            `DANDI_API_KEY` which an upload needs.
        keep_volume: Leave the volume when all has ended.

    Raises:
        ValueError: The rclone command does not name `/mnt/efs/source`; nothing was asked of AWS.
        FileNotFoundError: The configuration or the specification is missing; nothing was asked of AWS.
        DeclarationError: AWS would refuse an argument; nothing was asked of AWS.
        UnfinishedJobError: A deployment of this name with other arguments has not ended yet.
        ConflictError: The volume goes with the end of other jobs.
        ExceptionGroup: Something that the jobs need could not be made.
    """
    check_deployed(rclone_command)
    config = rclone_config(rclone_config_file_path)
    conversion = Work(
        job_name=f"{job_name}_neuroconv_deployment",
        image=neuroconv_image,
        command=CONVERSION_COMMAND,
        environment=conversion_environment(specification(yaml_specification_file_path)),
        secrets=neuroconv_secrets or {},
        memory_gib=minimum_worker_ram_in_gib,
        vcpus=minimum_worker_cpus,
        definition_name=job_definition_name,
    )
    with session_in(region) as session:
        pipeline = Pipeline(
            session=session,
            transfer=transfer_work(f"{job_name}_rclone_transfer", rclone_command, rclone_image),
            conversion=conversion,
            config=config,
            volume_name=efs_volume_name or None,
            keep_volume=keep_volume,
            table_name=status_tracker_table_name,
            environment_name=compute_environment_name,
            queue_name=job_queue_name,
        )
        return _deployed(pipeline)


def _deployed(pipeline: Pipeline) -> Deployment:
    run = started(pipeline, open_run(pipeline))
    teardown = pipeline.teardown(run)
    with run.last.translated():
        transfer, conversion = (info_of(job) for job in run.jobs)
    whereabouts = Whereabouts(
        region=pipeline.session.region,
        table_name=pipeline.table_name,
        queue_name=pipeline.queue_name,
        environment_name=pipeline.environment_name,
        volume_name=run.around.volume.name,
        teardown_name=teardown.name if teardown else None,
    )
    return Deployment(transfer, conversion, whereabouts)
