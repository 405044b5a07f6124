"""Volumes in real processes: at their path in a namespace, or by rewritten paths where there can be none."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchwright.local import namespaces

Machine = Any  # the class of conftest.py
EFS = {"containerPath": "/mnt/efs"}
HOST_BEFORE = sorted(path.name for path in Path("/").iterdir())


@pytest.fixture(autouse=True)
def host_untouched() -> Any:  # noqa: ANN401 - a generator fixture
    """No test may leave a mount point on this machine."""
    had_efs = Path("/mnt/efs").exists()
    yield
    assert Path("/mnt/efs").exists() == had_efs
    assert sorted(path.name for path in Path("/").iterdir()) == HOST_BEFORE


def test_two_jobs_exchange_a_file_through_a_volume(mounting: Machine) -> None:
    """The second reads at the same path what the first has written; it is in the volume's real directory too."""
    assert mounting.run(["sh", "-c", "echo 'from one' > /mnt/efs/note"], mounts=[EFS]).exit_code == 0
    assert mounting.run(["cat", "/mnt/efs/note"], mounts=[EFS]).exit_code == 0
    assert mounting.log.texts == ["from one"]
    assert (mounting.volumes.directory("fs-0123") / "note").read_text() == "from one\n"


def test_a_variable_tells_where_the_volume_is(mounting: Machine) -> None:
    """`BATCHWRIGHT_MOUNT_<NAME>` is set in both ways of mounting, and works."""
    outcome = mounting.run(["sh", "-c", 'echo x > "$BATCHWRIGHT_MOUNT_MY_DATA/by-variable"'], mounts=[EFS])
    assert outcome.exit_code == 0
    assert (mounting.volumes.directory("fs-0123") / "by-variable").exists()


def test_paths_in_the_environment_lead_to_the_volume(mounting: Machine) -> None:
    """A program that takes its path from a variable finds the same directory."""
    environment = {"OUTPUT": "/mnt/efs/out", "LIST": "a:/mnt/efs/b"}
    assert mounting.run(["sh", "-c", 'echo x > "$OUTPUT"'], mounts=[EFS], environment=environment).exit_code == 0
    assert (mounting.volumes.directory("fs-0123") / "out").exists()


def test_a_program_in_a_volume_can_be_run(mounting: Machine) -> None:
    """By its path, and by a PATH that holds the volume."""
    tool = mounting.volumes.directory("fs-0123") / "bin" / "lab-tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho tool $1\n")
    tool.chmod(0o755)
    assert mounting.run(["/mnt/efs/bin/lab-tool", "1"], mounts=[EFS]).exit_code == 0
    path = {"PATH": "/mnt/efs/bin:/usr/bin:/bin"}
    assert mounting.run(["lab-tool", "2"], mounts=[EFS], environment=path).exit_code == 0
    assert mounting.log.texts == ["tool 1", "tool 2"]


def test_a_missing_program_is_named_in_both_ways(mounting: Machine) -> None:
    """Volumes make no difference to the refusal."""
    outcome = mounting.run(["no-such-tool"], mounts=[EFS])
    assert outcome.exit_code == 127
    assert "'no-such-tool'" in outcome.reason


def test_exit_codes_and_signals_pass_through_the_mounts(mounting: Machine) -> None:
    """What stands between the engine and the command is not seen."""
    assert mounting.run(["sh", "-c", "exit 9"], mounts=[EFS]).exit_code == 9
    run = mounting.start(["sh", "-c", "echo ready; exec sleep 300"], mounts=[EFS])
    mounting.until(lambda: "ready" in mounting.log.texts)
    run.signal()
    mounting.until(lambda: run.poll() is not None)
    assert run.poll().exit_code == 143


def test_twenty_children_share_a_volume_and_each_sees_its_index(mounting: Machine) -> None:
    """Array children run at once, on one set of mounts."""
    command = ["sh", "-c", 'echo "$AWS_BATCH_JOB_ARRAY_INDEX" > "/mnt/efs/child-$AWS_BATCH_JOB_ARRAY_INDEX"']
    runs = [
        mounting.start(command, mounts=[EFS], environment={"AWS_BATCH_JOB_ARRAY_INDEX": str(index)})
        for index in range(20)
    ]
    mounting.until(lambda: all(run.poll() is not None for run in runs))
    assert {run.poll().exit_code for run in runs} == {0}
    written = {path.name: path.read_text().strip() for path in mounting.volumes.directory("fs-0123").iterdir()}
    assert written == {f"child-{index}": str(index) for index in range(20)}


def test_part_of_a_file_system_can_be_mounted(mounting: Machine) -> None:
    """`rootDirectory` is a directory inside the file system, and must be there as on AWS."""
    inner = mounting.volumes.directory("fs-0123") / "lab"
    inner.mkdir()
    part = {"fileSystemId": "fs-0123", "rootDirectory": "/lab"}
    volume = {"name": "my-data", "efsVolumeConfiguration": part}
    assert mounting.run(["touch", "/mnt/efs/x"], mounts=[EFS], volumes=[volume]).exit_code == 0
    assert [path.name for path in inner.iterdir()] == ["x"]
    part["rootDirectory"] = "/absent"
    outcome = mounting.run(["true"], mounts=[EFS], volumes=[volume])
    assert outcome.exit_code is None
    assert outcome.reason.startswith("ResourceInitializationError")
    assert "No such file or directory" in outcome.reason


def test_a_volume_without_a_place_lasts_as_long_as_its_job(mounting: Machine) -> None:
    """A `host` volume without a source is fresh for each run."""
    scratch = {"name": "my-data", "host": {}}
    for _ in range(2):
        command = ["sh", "-c", "ls -A /scratch/it; touch /scratch/it/x"]
        assert mounting.run(command, mounts=[{"containerPath": "/scratch/it"}], volumes=[scratch]).exit_code == 0
    assert mounting.log.texts == []


@pytest.mark.parametrize("path", ["/", "relative", "//"])
def test_a_path_that_cannot_be_a_mount_point_is_refused(mounting: Machine, path: str) -> None:
    """The job fails and says which path."""
    outcome = mounting.run(["true"], mounts=[{"containerPath": path}])
    assert outcome.exit_code is None
    assert repr(path) in outcome.reason


def test_a_read_only_mount_cannot_be_written(namespace_machine: Machine) -> None:
    """In a namespace the kernel itself keeps a job from writing, and other jobs may still write."""
    machine = namespace_machine
    (machine.volumes.directory("fs-0123") / "given").write_text("given\n")
    command = ["sh", "-c", "cat /mnt/efs/given; touch /mnt/efs/x"]
    assert machine.run(command, mounts=[{**EFS, "readOnly": True}]).exit_code == 1
    assert machine.log.texts[0] == "given"
    assert "Read-only file system" in machine.log.texts[1]
    assert machine.run(["touch", "/mnt/efs/x"], mounts=[EFS]).exit_code == 0


def test_any_path_can_be_a_mount_point_and_the_rest_of_the_machine_stays(namespace_machine: Machine) -> None:
    """New top directories, paths inside the machine's own ones, and one volume inside another."""
    machine = namespace_machine
    inner = {"name": "inner", "efsVolumeConfiguration": {"fileSystemId": "fs-4567"}}
    outer = {"name": "my-data", "efsVolumeConfiguration": {"fileSystemId": "fs-0123"}}
    outcome = machine.run(
        [
            "sh",
            "-c",
            "ls /etc/passwd && touch /data/deep/a /data/deep/inner/b /usr/local/lab/c && test -e /usr/bin/env",
        ],
        volumes=[outer, inner],
        mounts=[
            {"containerPath": "/data/deep"},
            {"containerPath": "/data/deep/inner", "sourceVolume": "inner"},
            {"containerPath": "/usr/local/lab", "sourceVolume": "inner"},
        ],
    )
    assert outcome.exit_code == 0
    assert sorted(path.name for path in machine.volumes.directory("fs-0123").iterdir()) == ["a", "inner"]
    assert sorted(path.name for path in machine.volumes.directory("fs-4567").iterdir()) == ["b", "c"]
    assert not Path("/usr/local/lab").exists()


def test_the_machine_is_shown_once(namespace_machine: Machine) -> None:
    """A job that empties the temporary directory does not find the machine's other directories there once more."""
    outcome = namespace_machine.run(
        ["sh", "-c", 'for root in "$TMPDIR"/../../root-*; do ls -A "$root"; done'], mounts=[EFS]
    )
    assert outcome.exit_code == 0
    assert namespace_machine.log.texts == []
    namespace_machine.run(["cat", "/proc/self/mountinfo"], mounts=[EFS])
    assert not [line for line in namespace_machine.log.texts if "/root-" in line.split()[4]]


def test_namespaces_and_mount_points_go_with_the_engine(
    namespace_machine: Machine, new_machine: Callable[..., Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many sets of mounts nothing of the engine is left in the temporary directory."""
    del namespace_machine  # only says that this machine makes them
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    machine = new_machine(mounts="namespace")
    for number in range(7):
        assert machine.run(["true"], mounts=[{"containerPath": f"/mnt/{number}"}]).exit_code == 0
    assert list(tmp_path.glob("batchwright-*/root-*"))
    machine.engine.close()
    assert not list(tmp_path.glob("batchwright-*"))


@pytest.fixture
def no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without util-linux."""
    found = shutil.which
    monkeypatch.setattr(
        namespaces.shutil, "which", lambda name, **rest: None if name == "unshare" else found(name, **rest)
    )


@pytest.mark.usefixtures("no_namespaces")
def test_where_no_namespace_can_be_made_paths_are_rewritten(machine: Machine) -> None:
    """The default finds out once and goes the other way."""
    assert machine.run(["sh", "-c", "echo x > /mnt/efs/y"], mounts=[EFS]).exit_code == 0
    assert (machine.volumes.directory("fs-0123") / "y").exists()


@pytest.mark.usefixtures("no_namespaces")
def test_where_neither_can_work_the_job_says_so(new_machine: Callable[..., Machine]) -> None:
    """With rewriting ruled out a job with a volume fails, naming what refused and docker; others run."""
    machine = new_machine(mounts="namespace")
    outcome = machine.run(["true"], mounts=[EFS])
    assert outcome.exit_code is None
    for part in ("unshare", "/mnt/efs", "docker"):
        assert part in outcome.reason
    assert machine.run(["true"]).exit_code == 0


def test_a_real_directory_with_a_space_works_in_a_shell_string(
    new_machine: Callable[..., Machine], tmp_path: Path
) -> None:
    """The rewritten path is one word to a shell, whatever the real one is called."""
    machine = new_machine(mounts="rewrite")
    spaced = tmp_path / "my data; $HOME"
    spaced.mkdir()
    volume = {"name": "my-data", "host": {"sourcePath": str(spaced)}}
    assert machine.run(["sh", "-c", "echo x > /mnt/efs/y"], mounts=[EFS], volumes=[volume]).exit_code == 0
    assert (spaced / "y").read_text() == "x\n"
