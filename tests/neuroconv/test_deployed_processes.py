"""A whole deployment in real processes: what the two commands do with their texts, and a row that a job writes."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

import batchwright
from batchwright import BatchSession, NotFoundError
from batchwright.local import LocalServer
from batchwright.neuroconv import deploy_neuroconv_batch_job, submit_aws_batch_job, update_table_status

CONFIG = '[drive]\ntoken = {"a":"100%s%%","b":"\\n\\\\"}\nname = $HOME `id` \'quoted\'\n'
SPECIFICATION = 'lab: "50% $HOME \\n"\nexperiments: {}\n'
TABLE = "neuroconv_batch_status_tracker"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    """A configuration and a specification that a shell or `printf` could spoil."""
    (tmp_path / "rclone.conf").write_text(CONFIG)
    (tmp_path / "specification.yml").write_text(SPECIFICATION)
    return {
        "rclone_config_file_path": tmp_path / "rclone.conf",
        "yaml_specification_file_path": str(tmp_path / "specification.yml"),
    }


def read_on_the_volume(name: str, path: str) -> str:
    """What a job on the volume reads there, while the volume is."""
    with BatchSession("neuroconv", region="us-east-2") as session:
        job = session.submit(f"read-{name}", image="any", command=["cat", path], volumes={"/mnt/efs": name})
        job.wait(timeout_s=60)
        return str(job.logs())


@pytest.mark.parametrize("option", ["", " --config ./rclone.conf"])
def test_both_texts_arrive_unspoilt(files: dict[str, Any], option: str) -> None:
    """Byte for byte, whether the command names the configuration, as NeuroConv's examples do, or not."""
    deploy_neuroconv_batch_job(
        rclone_command=f"rclone copy drive:x /mnt/efs/source --verbose{option}",
        job_name="whole",
        efs_volume_name="kept",
        keep_volume=True,
        **files,
    ).wait(timeout_s=120)
    assert read_on_the_volume("kept", "/mnt/efs/converted.nwb").splitlines() == [
        *SPECIFICATION.splitlines(),
        *CONFIG.splitlines(),
    ]


def test_a_failing_command_fails_its_job(files: dict[str, Any], ohio: boto3.Session) -> None:
    """The exit code is that of the last command of the line, and the conversion does not run."""
    info = deploy_neuroconv_batch_job(
        rclone_command="mkdir -p /mnt/efs/source; cd /mnt/efs/source && exit 7",
        job_name="failing",
        efs_volume_name="failing",
        **files,
    )
    with pytest.raises(batchwright.JobFailedError, match="failing_rclone_transfer") as caught:
        info.wait(timeout_s=120)
    assert caught.value.exit_code == 7
    batch: Any = ohio.client("batch")
    conversion = info["neuroconv_job_submission_info"]["job_submission_info"]["jobId"]
    end = time.monotonic() + 60
    while (job := batch.describe_jobs(jobs=[conversion])["jobs"][0])["status"] != "FAILED":
        assert time.monotonic() < end, job
        time.sleep(0.1)
    assert "startedAt" not in job


def test_aws_takes_all_of_it_away(files: dict[str, Any], server: LocalServer, ohio: boto3.Session) -> None:
    """The process that deployed has long ended when volume and secret go."""
    sources = str(Path(batchwright.__file__).parents[1])
    script = (
        "from batchwright.neuroconv import deploy_neuroconv_batch_job as deploy\n"
        "deploy(rclone_command='rclone copy drive:x /mnt/efs/source', job_name='alone', efs_volume_name='alone',\n"
        f"  rclone_config_file_path={str(files['rclone_config_file_path'])!r},\n"
        f"  yaml_specification_file_path={files['yaml_specification_file_path']!r})"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        env={**server.environment(), "PYTHONPATH": sources},
        check=True,
        timeout=120,
    )
    efs, ssm = ohio.client("efs"), ohio.client("ssm")
    assert (len(efs.describe_file_systems()["FileSystems"]), len(ssm.describe_parameters()["Parameters"])) == (1, 1)
    end = time.monotonic() + 90
    while efs.describe_file_systems()["FileSystems"] or ssm.describe_parameters()["Parameters"]:
        assert time.monotonic() < end
        server.advance(5)
        time.sleep(0.2)
    assert [row["job_name"] for row in rows(ohio)] == ["alone_neuroconv_deployment", "alone_rclone_transfer"]


def rows(ohio: boto3.Session) -> list[Any]:
    """The rows of the table, by the jobs' names."""
    table: Any = ohio.resource("dynamodb").Table(TABLE)
    return sorted(table.scan()["Items"], key=lambda row: str(row["job_name"]))


def status_of(ohio: boto3.Session, submission_id: str) -> str:
    """What a row says."""
    return {row["id"]: str(row["status"]) for row in rows(ohio)}[submission_id]


def test_a_job_says_how_it_is_doing(ohio: boto3.Session) -> None:
    """From inside its process, by the row's id that its variable holds; old readers find it in the row."""
    sources = str(Path(batchwright.__file__).parents[1])
    script = (
        "import os\nfrom batchwright.neuroconv import update_table_status\n"
        "update_table_status(submission_id=os.environ['BATCHWRIGHT_SUBMISSION_ID'], status='Half of it')"
    )
    info = submit_aws_batch_job(
        job_name="telling",
        docker_image="any",
        commands=[sys.executable, "-c", script],
        environment_variables={"PYTHONPATH": sources},
    )
    submission_id = info["table_submission_info"]["id"]
    end = time.monotonic() + 60
    while status_of(ohio, submission_id) != "Half of it":
        assert time.monotonic() < end, rows(ohio)
        time.sleep(0.1)


def test_a_status_is_written_from_outside_too(ohio: boto3.Session) -> None:
    """Over the word that submitting wrote, and over what was said before."""
    info = submit_aws_batch_job(job_name="waited", docker_image="any", commands=["sleep", "60"])
    submission_id = info["table_submission_info"]["id"]
    for status in ("Copying...", "Test passed."):
        update_table_status(submission_id=submission_id, status=status)
        assert status_of(ohio, submission_id) == status


def test_an_end_is_kept(ohio: boto3.Session) -> None:
    """How AWS says that a job ended is read by later calls, so it stays, and the caller is told."""
    info = submit_aws_batch_job(job_name="over", docker_image="any", commands=["true"])
    submission_id = info["table_submission_info"]["id"]
    with BatchSession("neuroconv", region="us-east-2") as session:
        tracker = session.status_tracker(name=TABLE)
        end = time.monotonic() + 60
        while "SUCCEEDED" not in [row.status for row in tracker.sync()]:
            assert time.monotonic() < end
            time.sleep(0.2)
    with pytest.warns(UserWarning, match="'Late' was not written") as caught:
        update_table_status(submission_id=submission_id, status="Late")
    assert [warning.filename for warning in caught] == [__file__]
    assert status_of(ohio, submission_id) == "SUCCEEDED"


def test_no_row_is_made_up(ohio: boto3.Session) -> None:
    """An id that nobody submitted is an error: a row of it would keep that id from ever being submitted."""
    submit_aws_batch_job(job_name="any", docker_image="any", commands=["true"])
    before = [row["id"] for row in rows(ohio)]
    with pytest.raises(NotFoundError, match="has no row 'mistyped'"):
        update_table_status(submission_id="mistyped", status="Done")
    assert [row["id"] for row in rows(ohio)] == before
    with pytest.raises(NotFoundError, match="does not exist in eu-west-1"):
        update_table_status(submission_id="mistyped", status="Done", region="eu-west-1")
