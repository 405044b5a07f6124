"""What a job mounts is at its path in the container, and only what it mounts."""

from pathlib import Path
from typing import Any

import pytest

from batchwright.local.docker.sweeping import remove_tree
from batchwright.local.volumes import VolumeStore

from .conftest import FILE_SYSTEM, Machine

pytestmark = pytest.mark.docker


def point(path: str, volume: str = "my-data", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any member of it
    return {"sourceVolume": volume, "containerPath": path, **more}


def efs(**configuration: Any) -> dict[str, Any]:  # noqa: ANN401 - any member of it
    return {"name": "my-data", "efsVolumeConfiguration": {"fileSystemId": "fs-0123", **configuration}}


def test_what_a_job_writes_is_in_the_file_system_and_the_next_job_reads_it(machine: Machine) -> None:
    """A file system outlives the container that wrote to it."""
    members = {"volumes": [FILE_SYSTEM], "mountPoints": [point("/mnt/data")]}
    assert machine.run(["sh", "-c", "echo 42 > /mnt/data/answer"], **members).exit_code == 0
    assert (machine.volumes.directory("fs-0123") / "answer").read_text() == "42\n"
    machine.run(["cat", "/mnt/data/answer"], **members)
    assert machine.log.texts == ["42"]


def test_a_read_only_mount_cannot_be_written(machine: Machine) -> None:
    """`readOnly` holds inside the container."""
    members = {"volumes": [FILE_SYSTEM], "mountPoints": [point("/mnt/data", readOnly=True)]}
    outcome = machine.run(["touch", "/mnt/data/x"], **members)
    assert outcome.exit_code == 1
    assert "Read-only file system" in machine.log.texts[-1]
    assert list(machine.volumes.directory("fs-0123").iterdir()) == []


def test_a_root_directory_is_what_the_job_sees(machine: Machine) -> None:
    """`rootDirectory` is the mount's top; what is not there fails as on AWS."""
    (machine.volumes.directory("fs-0123") / "lab" / "run").mkdir(parents=True)
    members = {"volumes": [efs(rootDirectory="/lab/run")], "mountPoints": [point("/d")]}
    machine.run(["touch", "/d/here"], **members)
    assert (machine.volumes.directory("fs-0123") / "lab" / "run" / "here").exists()
    outcome = machine.run(["true"], volumes=[efs(rootDirectory="/nowhere")], mountPoints=[point("/d")])
    assert outcome.exit_code is None
    assert (outcome.reason or "").startswith("ResourceInitializationError: failed to invoke EFS utils")


def test_an_access_point_is_what_the_job_sees(machine: Machine, tmp_path: Path) -> None:
    """An access point's directory is made at its first use, and is the mount's top."""
    machine.engine._volumes = VolumeStore(tmp_path / "volumes", access_point_root=lambda _: "/points/a")
    volume = efs(authorizationConfig={"accessPointId": "fsap-1"}, transitEncryption="ENABLED")
    assert machine.run(["touch", "/d/here"], volumes=[volume], mountPoints=[point("/d")]).exit_code == 0
    assert (tmp_path / "volumes" / "fs-0123" / "points" / "a" / "here").exists()


def test_a_directory_of_the_host_is_mounted_and_made_where_it_is_missing(machine: Machine, tmp_path: Path) -> None:
    """A host volume is the directory that is named; ECS's engine makes one that is not there, and so does this."""
    volume = {"name": "my-data", "host": {"sourcePath": str(tmp_path / "new")}}
    assert machine.run(["touch", "/d/here"], volumes=[volume], mountPoints=[point("/d")]).exit_code == 0
    assert (tmp_path / "new" / "here").exists()


def test_a_path_that_docker_cannot_be_told_is_refused(machine: Machine, tmp_path: Path) -> None:
    """A colon would end the path where it stands, and mount something else."""
    volume = {"name": "my-data", "host": {"sourcePath": str(tmp_path / "a:b")}}
    outcome = machine.run(["true"], volumes=[volume], mountPoints=[point("/d")])
    assert outcome.exit_code is None
    assert "takes no path with a colon" in (outcome.reason or "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", [{}, {"sourcePath": ""}])
def test_a_volume_without_a_place_is_the_runs_own(machine: Machine, host: dict[str, str]) -> None:
    """It is one at all its paths, empty at the start, and gone at the end."""
    members: dict[str, Any] = {
        "volumes": [{"name": "my scratch", "host": host}],
        "mountPoints": [point("/a", "my scratch"), point("/b", "my scratch")],
    }
    command = ["sh", "-c", "ls /a; echo x > /a/file; cat /b/file"]
    assert machine.run(command, **members).exit_code == 0
    assert machine.run(command, **members).exit_code == 0
    assert machine.log.texts == ["x", "x"]
    assert machine.left() == ([], [])


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"mountPoints": [point("/d", "unknown")]}, "mountPoints names the volume 'unknown'"),
        ({"volumes": [FILE_SYSTEM], "mountPoints": [point("relative")]}, "must be absolute"),
        (
            {"volumes": [{"name": "my-data", "host": {"sourcePath": "data"}}], "mountPoints": [point("/d")]},
            "host.sourcePath 'data' must be an absolute path",
        ),
        ({"volumes": [efs(rootDirectory="/../..")], "mountPoints": [point("/d")]}, "leads out of fs-0123"),
    ],
)
def test_what_cannot_be_mounted_is_told(machine: Machine, members: dict[str, Any], words: str) -> None:
    """A mount that is wrong ends the job with its reason, before any container is made."""
    outcome = machine.run(["true"], **members)
    assert outcome.exit_code is None
    assert words in (outcome.reason or "")


def test_inner_paths_are_mounted_after_outer_ones(machine: Machine) -> None:
    """A volume inside another one is seen, in whatever order they are declared."""
    other = {"name": "other", "efsVolumeConfiguration": {"fileSystemId": "fs-0456"}}
    members = {"volumes": [FILE_SYSTEM, other], "mountPoints": [point("/d/inner", "other"), point("/d")]}
    assert machine.run(["touch", "/d/inner/here"], **members).exit_code == 0
    assert (machine.volumes.directory("fs-0456") / "here").exists()


def test_what_containers_wrote_as_root_goes_by_a_container(machine: Machine, tmp_path: Path) -> None:
    """A user who is not root removes a temporary directory through the engine, with an image that has `rm`."""
    members = {"volumes": [FILE_SYSTEM], "mountPoints": [point("/d")]}
    machine.run(["sh", "-c", "mkdir -p /d/-rf/deep; touch '/d/-rf/deep/a file' /d/.hidden"], **members)
    left = tmp_path / "volumes"
    assert left.exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batchwright.local.docker.sweeping.shutil.rmtree", lambda path, **_: _removed_if_empty(path))
        remove_tree(machine.engine.api, left, ["no-such-image", machine.image], {"batchwright.local": "test"})
    assert not left.exists()
    assert machine.engine.api.labelled("batchwright.local=test") == ([], [])


def _removed_if_empty(path: Path) -> None:
    """What a user who owns the directory alone, and nothing in it, can remove."""
    if not list(path.iterdir()):
        path.rmdir()


def test_what_cannot_be_removed_is_told(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no image helps, the directory is named."""
    monkeypatch.setattr("batchwright.local.docker.sweeping.shutil.rmtree", lambda path, **_: None)
    remove_tree(machine.engine.api, tmp_path, ["no-such-image"], {"batchwright.local": "test"})
    assert f"Files in {tmp_path} belong to another user" in caplog.text
