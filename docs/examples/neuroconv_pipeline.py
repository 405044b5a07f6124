"""Recordings become NWB files: rclone moves them to a volume, and NeuroConv converts them there by its YAML.

On AWS, in the account that boto3 finds (a YAML with `upload_to_dandiset` sends the files to DANDI from there):

    python neuroconv_pipeline.py conversion.yml --source my_drive:recordings

On this machine, in containers of its Docker engine, with the NWB files in the directory `results`:

    python neuroconv_pipeline.py conversion.yml --source my_drive:recordings --local results

`my_drive` is a remote of your rclone configuration, which travels as a secret.
"""

import argparse
import os
import shlex
from pathlib import Path

from batchwright.neuroconv import NEUROCONV_IMAGE, RCLONE_IMAGE, deploy_neuroconv_batch_job


def arguments() -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(description="Convert recordings on a remote of rclone to NWB, by AWS Batch.")
    parser.add_argument("specification", type=Path, help="NeuroConv's YAML specification")
    parser.add_argument("--source", required=True, metavar="REMOTE:PATH", help="where rclone finds the recordings")
    parser.add_argument("--rclone-config", type=Path, help="by default ~/.rclone/rclone.conf")
    parser.add_argument("--name", default="neuroconv", help="of the jobs, and of the volume between them")
    parser.add_argument("--local", type=Path, metavar="DIRECTORY", help="run on this machine; the volume stays there")
    parser.add_argument("--keep-volume", action="store_true", help="do not take the volume away at the end")
    parser.add_argument("--memory-gib", type=int, default=16, help="memory of the conversion")
    parser.add_argument("--vcpus", type=int, default=4, help="virtual CPUs of the conversion")
    parser.add_argument("--rclone-image", default=RCLONE_IMAGE)
    parser.add_argument("--neuroconv-image", default=NEUROCONV_IMAGE)
    return parser.parse_args()


def convert(asked: argparse.Namespace) -> None:
    """Deploy, and wait; AWS goes on and cleans up also without anybody who waits."""
    deployment = deploy_neuroconv_batch_job(
        rclone_command=f"rclone copy {shlex.quote(asked.source)} /mnt/efs/source --verbose",
        yaml_specification_file_path=asked.specification,
        job_name=asked.name,
        efs_volume_name=asked.name,
        rclone_config_file_path=asked.rclone_config,
        minimum_worker_ram_in_gib=asked.memory_gib,
        minimum_worker_cpus=asked.vcpus,
        rclone_image=asked.rclone_image,
        neuroconv_image=asked.neuroconv_image,
        keep_volume=asked.keep_volume or asked.local is not None,
    )
    for info in deployment.values():
        print("submitted:", info["job_submission_info"]["jobName"])
    deployment.wait()
    print("transferred and converted")
    if torn_down := deployment.wait_for_teardown():
        print("torn down:", torn_down.status)


def main() -> None:
    """Run it on AWS, or on this machine."""
    asked = arguments()
    if asked.local is None:
        convert(asked)
        return
    from batchwright.local import LocalServer

    with LocalServer(engine="docker", data_dir=asked.local) as server:
        os.environ.update(server.environment())
        convert(asked)
    for file in sorted(asked.local.rglob("*.nwb")):
        print(f"{file} ({file.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
