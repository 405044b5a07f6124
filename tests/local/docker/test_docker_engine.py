"""What a job declares about its container is what it has, and what it says and returns is what the job has."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import pytest

from batchwright.local.docker import kernel_log
from batchwright.local.engines import BoundedEngine, Outcome, TellingRun

from .conftest import FILE_SYSTEM, Machine

pytestmark = pytest.mark.docker

_SMALL = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "16"}]


def test_a_command_runs_with_its_variables_and_its_lines_are_kept(machine: Machine) -> None:
    """Exit code, variables, both outputs and the time of each line are the job's."""
    before = machine.clock.now_ms()
    outcome = machine.run(["sh", "-c", "echo $A; echo oops >&2; exit 3"], environment={"A": "a=b c"})
    assert outcome == Outcome(exit_code=3)
    assert sorted(machine.log.texts) == ["a=b c", "oops"]
    assert all(before <= time_ms <= machine.clock.now_ms() for time_ms, _ in machine.log.lines)
    assert machine.left() == ([], [])


def test_lines_come_while_the_job_runs(machine: Machine) -> None:
    """Who looks at a running job sees what it has written so far."""
    run = machine.start(["sh", "-c", "echo begun; exec sleep 600"])
    machine.until(lambda: machine.log.texts == ["begun"])
    assert run.poll() is None
    run.kill()
    assert machine.end_of(run) == Outcome(exit_code=137)


def test_all_lines_are_there_when_the_run_has_ended(machine: Machine) -> None:
    """Nothing is cut off at the end, the unfinished last line and a very long one included."""
    outcome = machine.run(["sh", "-c", "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; printf last"])
    assert outcome.exit_code == 0
    assert machine.log.texts == [*(f"line {number}" for number in range(5000)), "last"]


def test_neither_variables_nor_secrets_of_this_machine_reach_the_job(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job gets its own variables and those of its image, and nothing else."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-host-owns-this")
    machine.run(["env"], environment={"MINE": "1"})
    names = {line.partition("=")[0] for line in machine.log.texts}
    assert "MINE" in names
    assert names <= {"MINE", "PATH", "HOME", "HOSTNAME", "SHLVL", "PWD"}


def test_the_image_brings_entry_point_command_and_user(machine: Machine, client: docker.DockerClient) -> None:
    """Without a command the image's own runs; a command follows its entry point, as on AWS."""
    tag = "batchwright-test/with-entry-point:1"
    made = client.containers.create(machine.image, "true")
    try:
        changes = ['ENTRYPOINT ["echo", "entry"]', 'CMD ["default"]', "USER worker"]
        client.api.commit(made.id, repository=tag.split(":", maxsplit=1)[0], tag="1", changes=changes)
    finally:
        made.remove()
    try:
        machine.run([], image=tag)
        machine.run(["given"], image=tag)
        assert machine.log.texts == ["entry default", "entry given"]
    finally:
        client.images.remove(tag)


def test_a_job_runs_as_the_user_that_it_declares(machine: Machine) -> None:
    """`user` is a name or a number of the image."""
    machine.run(["id", "-un"], user="worker")
    machine.run(["id", "-u"], user="1000")
    assert machine.log.texts == ["worker", "1000"]


def test_too_much_memory_ends_a_job_with_the_reason_that_aws_gives(machine: Machine) -> None:
    """The memory of the job definition is a limit, and there is no swap to get around it."""
    outcome = machine.run(["sh", "-c", "tail /dev/zero"], resourceRequirements=_SMALL)
    assert outcome == Outcome(exit_code=137, reason="OutOfMemoryError: Container killed due to memory usage")


def inspected(machine: Machine, client: docker.DockerClient, **container: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Return what Docker says of a container while it runs."""
    run = machine.start(["sleep", "600"], **container)
    machine.until(lambda: bool(machine.left()[0]))
    details: dict[str, Any] = client.api.inspect_container(machine.left()[0][0])
    run.kill()
    machine.end_of(run)
    return details


def test_sizes_limits_and_linux_parameters_are_the_containers(machine: Machine, client: docker.DockerClient) -> None:
    """Each member of the container properties that Docker knows is handed on in Docker's units."""
    host = inspected(
        machine,
        client,
        resourceRequirements=[{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "128"}],
        privileged=True,
        readonlyRootFilesystem=True,
        ulimits=[{"name": "nofile", "softLimit": 100, "hardLimit": 200}],
        linuxParameters={
            "initProcessEnabled": True,
            "sharedMemorySize": 32,
            "maxSwap": 64,
            "swappiness": 10,
            "tmpfs": [{"containerPath": "/scratch", "size": 8, "mountOptions": ["noexec"]}],
            "devices": [{"hostPath": "/dev/null", "containerPath": "/dev/nothing", "permissions": ["READ"]}],
        },
    )["HostConfig"]
    assert host["CpuShares"] == 2048
    assert (host["Memory"], host["MemorySwap"], host["MemorySwappiness"]) == (128 * 2**20, 192 * 2**20, 10)
    assert (host["Privileged"], host["ReadonlyRootfs"], host["Init"]) == (True, True, True)
    assert host["Ulimits"] == [{"Name": "nofile", "Soft": 100, "Hard": 200}]
    assert host["ShmSize"] == 32 * 2**20
    assert host["Tmpfs"] == {"/scratch": "size=8m,noexec"}
    assert host["Devices"] == [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/nothing", "CgroupPermissions": "r"}]
    assert host["NanoCpus"] == 0


def test_vcpus_are_a_limit_on_fargate(machine: Machine, client: docker.DockerClient) -> None:
    """On Fargate a job has as many processors as it declares, on EC2 at least so many."""
    sizes = [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}]
    host = inspected(machine, client, resourceRequirements=sizes, fargatePlatformConfiguration={})["HostConfig"]
    assert (host["NanoCpus"], host["CpuShares"]) == (250_000_000, 0)


def test_a_container_has_no_rights_that_were_not_declared(machine: Machine, client: docker.DockerClient) -> None:
    """No privileges, no devices, no mounts and no Docker socket but what the job definition names."""
    details = inspected(machine, client)
    assert details["HostConfig"]["Privileged"] is False
    assert (details["Mounts"], details["HostConfig"]["Devices"], details["HostConfig"]["CapAdd"]) == ([], [], None)


def test_a_container_is_named_after_its_job_and_holds_no_secret_in_its_labels(
    machine: Machine, client: docker.DockerClient
) -> None:
    """`docker ps` tells which job a container is."""
    details = inspected(machine, client, name="sort spikes/42")
    assert details["Name"].startswith("/batchwright-sort-spikes-42-1-")
    labels = details["Config"]["Labels"]
    assert labels["batchwright.local.job"] == "job-1"
    assert f"batchwright.local={labels['batchwright.local']}" == machine.engine.label


def test_a_read_only_root_and_limits_hold(machine: Machine) -> None:
    """What is declared is true inside."""
    script = "touch /x 2>/dev/null || echo read-only; ulimit -n; touch /scratch/y && echo written"
    machine.run(
        ["sh", "-c", script],
        readonlyRootFilesystem=True,
        ulimits=[{"name": "nofile", "softLimit": 123, "hardLimit": 200}],
        linuxParameters={"tmpfs": [{"containerPath": "/scratch", "size": 1}]},
    )
    assert machine.log.texts == ["read-only", "123", "written"]


def test_many_jobs_run_at_once(machine: Machine) -> None:
    """Runs do not wait for each other."""
    runs = [machine.start(["echo", str(number)], name=f"job-{number}") for number in range(20)]
    assert [machine.end_of(run).exit_code for run in runs] == [0] * 20
    assert sorted(machine.log.texts, key=int) == [str(number) for number in range(20)]


def test_a_signal_reaches_the_program(machine: Machine) -> None:
    """SIGTERM lets a program end as it likes, and the code is its own."""
    run = machine.start(["sh", "-c", 'trap "echo bye; exit 5" TERM; echo ready; while true; do sleep 0.1; done'])
    machine.until(lambda: "ready" in machine.log.texts)
    run.signal()
    assert machine.end_of(run) == Outcome(exit_code=5)
    assert machine.log.texts == ["ready", "bye"]


def test_a_program_that_ignores_the_signal_is_killed(machine: Machine) -> None:
    """A first process without a handler does not see SIGTERM, in a container here as in one on AWS; SIGKILL ends it."""
    run = machine.start(["sh", "-c", 'trap "" TERM; echo ready; sleep 600'])
    machine.until(lambda: "ready" in machine.log.texts)
    run.signal()
    assert run.poll() is None
    run.kill()
    assert machine.end_of(run) == Outcome(exit_code=137)


def test_a_signal_to_a_job_that_is_just_starting_is_not_lost(machine: Machine) -> None:
    """However early a job is killed, it ends, and nothing of it is left."""
    runs = [machine.start(["sleep", "600"]) for _ in range(6)]
    for run in runs:
        run.kill()
    assert {machine.end_of(run).exit_code for run in runs} <= {None, 137}
    assert machine.left() == ([], [])


def test_closing_ends_what_runs(new_machine: Callable[..., Machine], client: docker.DockerClient) -> None:
    """A closed engine has neither containers nor volumes, and its guard has gone."""
    machine = new_machine()
    for _ in range(3):
        machine.start(
            ["sleep", "600"],
            volumes=[{"name": "scratch", "host": {}}],
            mountPoints=[{"sourceVolume": "scratch", "containerPath": "/scratch"}],
        )
    machine.until(lambda: len(machine.left()[0]) == 3)
    machine.engine.close()
    assert client.containers.list(all=True, filters={"label": machine.engine.label}) == []
    assert client.volumes.list(filters={"label": machine.engine.label}) == []


def test_the_local_aws_is_told_of_lines_that_are_lost(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is away does not end a job, and the job says what happened."""

    def refuse(stream: str, lines: object) -> None:
        raise OSError("the log is away")

    monkeypatch.setattr(machine.log, "write", refuse)
    outcome = machine.run(["echo", "hello"])
    assert outcome == Outcome(exit_code=0, reason="log lines were lost: OSError: the log is away")


def test_two_paths_of_one_file_system_are_the_same_directory(machine: Machine) -> None:
    """A file system is at each of its paths, and what one job writes the next one reads."""
    points = [{"sourceVolume": "my-data", "containerPath": path} for path in ("/mnt/a", "/mnt/b/c")]
    machine.run(["sh", "-c", "echo kept > /mnt/a/file"], volumes=[FILE_SYSTEM], mountPoints=points)
    machine.run(["cat", "/mnt/b/c/file"], volumes=[FILE_SYSTEM], mountPoints=points)
    assert machine.log.texts == ["kept"]
    assert (machine.volumes.directory("fs-0123") / "file").read_text() == "kept\n"
    assert json.dumps(machine.left()) == "[[], []]"


def test_the_end_of_a_run_is_told_once_to_all_who_ask(machine: Machine) -> None:
    """Who asks before the end is told at the end, with the outcome there; who asks later is told at once."""
    told: list[Outcome | None] = []
    run = machine.start(["sh", "-c", "sleep 0.3; exit 4"])
    assert isinstance(run, TellingRun)
    run.when_ended(lambda: told.append(run.poll()))
    machine.until(lambda: bool(told))
    run.when_ended(lambda: told.append(run.poll()))
    assert told == [Outcome(exit_code=4)] * 2


def test_there_is_room_for_so_many_containers_and_no_more(machine: Machine) -> None:
    """The scheduler keeps jobs back that the machine has no room for."""
    assert isinstance(machine.engine, BoundedEngine)
    assert machine.engine.most_runs == 128


def test_the_kernels_log_tells_whose_memory_was_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a record of the container's own group counts, and a log that cannot be read tells nothing."""
    log = tmp_path / "kmsg"
    group = "ab" * 32
    log.write_text(f"6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/{group},task=tail\n")
    monkeypatch.setattr(kernel_log, "_records", lambda: iter(log.read_bytes().splitlines()))
    assert kernel_log.was_killed_for_memory(group)
    assert not kernel_log.was_killed_for_memory("cd" * 32)


def test_a_kernels_log_that_cannot_be_read_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not read it has the engine's word only."""
    monkeypatch.setattr(kernel_log, "_KERNEL_LOG", str(tmp_path / "none"))
    assert not kernel_log.was_killed_for_memory("ab" * 32)
