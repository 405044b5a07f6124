"""What cannot run ends FAILED with a reason that a person understands, and leaves nothing behind."""

import gc
import hashlib
import io
import json
import socket
import tarfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from batchwright.local.docker.reach import reached_engine

from .conftest import Machine
from .own_engine import own_engine

pytestmark = pytest.mark.docker

_FOREIGN = "batchwright-test/foreign:1"


def _archive(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


@pytest.fixture
def foreign(client: docker.DockerClient) -> Iterator[str]:
    """An image whose one program is for a processor that no machine of ours has."""
    program = bytearray(Path("/bin/busybox").read_bytes())
    program[18:20] = (22).to_bytes(2, "little")  # the machine in an ELF file's head: S/390
    layer = _archive({"bin/program": bytes(program)}, mode=0o755)
    config = {"architecture": "s390x", "os": "linux", "config": {"Env": ["PATH=/bin"]}}
    config["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    manifest = [{"Config": "config.json", "RepoTags": [_FOREIGN], "Layers": ["layer.tar"]}]
    files = {"config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
    client.images.load(_archive({**files, "layer.tar": layer}))
    yield _FOREIGN
    client.images.remove(_FOREIGN)


def test_a_missing_image_fails_with_what_the_engine_says(machine: Machine) -> None:
    """An image that is neither here nor in its registry is CannotPullContainerError, with the engine's message."""
    outcome = machine.run(["true"], image="127.0.0.1:1/lab/nothing:1")
    assert outcome.exit_code is None
    assert outcome.reason is not None
    assert outcome.reason.startswith("CannotPullContainerError: Error response from daemon: ")
    assert "127.0.0.1:1" in outcome.reason
    assert machine.left() == ([], [])


def test_a_name_that_is_none_fails_alike(machine: Machine) -> None:
    """An image's name that Docker cannot read is told, and does not break the engine."""
    outcome = machine.run(["true"], image="Not A Name")
    assert outcome.exit_code is None
    assert "invalid reference format" in (outcome.reason or "")
    assert machine.run(["true"]).exit_code == 0


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["no-such-program"], 127, 'exec: "no-such-program": executable file not found in $PATH'),
        (["/no/such/program"], 127, 'exec: "/no/such/program": stat /no/such/program: no such file or directory'),
        (["/etc/passwd"], 126, 'exec: "/etc/passwd": permission denied'),
    ],
)
def test_a_command_that_cannot_start_is_named(machine: Machine, command: list[str], code: int, words: str) -> None:
    """A program that is not in the image, or is none, is CannotStartContainerError with a shell's exit code."""
    outcome = machine.run(command)
    assert outcome.exit_code == code
    assert (outcome.reason or "").startswith("CannotStartContainerError: Error response from daemon: ")
    assert words in (outcome.reason or "")
    assert machine.left() == ([], [])


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"user": "nobody99"}, "unable to find user nobody99"),
        ({"linuxParameters": {"devices": [{"hostPath": "/dev/no-such-device"}]}}, "/dev/no-such-device"),
        ({"ulimits": [{"name": "nofile", "softLimit": 10, "hardLimit": 5}]}, "rlimit"),
        ({"ulimits": [{"name": "no-such-limit", "softLimit": 1, "hardLimit": 1}]}, "no-such-limit"),
    ],
)
def test_what_the_engine_refuses_is_told(machine: Machine, container: dict[str, Any], words: str) -> None:
    """A member that Docker cannot carry out ends the job with Docker's own words."""
    outcome = machine.run(["true"], **container)
    assert outcome.exit_code != 0
    assert words in (outcome.reason or "").lower()
    assert machine.left() == ([], [])


def test_an_image_for_another_architecture_says_which_and_what_to_do(machine: Machine, foreign: str) -> None:
    """`exec format error` names the architectures of image and machine."""
    outcome = machine.run(["program"], image=foreign)
    assert outcome.exit_code not in {0, None}
    reason = outcome.reason or ""
    assert reason.startswith("CannotStartContainerError: ")
    assert f"exec format error: the image {foreign} is for s390x and this machine is " in reason
    assert "qemu-user-static" in reason
    assert machine.left() == ([], [])


def test_an_image_that_is_here_for_another_platform_than_asked_for_is_pulled(machine: Machine, foreign: str) -> None:
    """`runtimePlatform` is what an image must be for; where no such one can be had, the reason says what is here."""
    outcome = machine.run(["program"], image=foreign, runtimePlatform={"cpuArchitecture": "ARM64"})
    assert outcome.exit_code is None
    assert (outcome.reason or "").startswith("CannotPullContainerError: ")
    assert "the image that is here is for s390x, not for linux/arm64" in (outcome.reason or "")


def test_a_script_without_an_interpreter_is_told_from_an_ordinary_failure(machine: Machine) -> None:
    """What the kernel refuses is a reason; a program that only fails has none."""
    assert machine.run(["sh", "-c", "echo about exec format error in general; exit 1"]).reason is None


def test_a_container_that_somebody_removes_ends_its_job(machine: Machine, client: docker.DockerClient) -> None:
    """`docker rm --force` from outside is an end, with its reason."""
    run = machine.start(["sleep", "600"])
    machine.until(lambda: any(each.status == "running" for each in _containers(machine, client)))
    _containers(machine, client)[0].remove(force=True)
    outcome = machine.end_of(run)
    assert outcome.exit_code in {137, None}
    assert outcome.exit_code == 137 or (outcome.reason or "").startswith("CannotInspectContainerError: ")


def _containers(machine: Machine, client: docker.DockerClient) -> list[Any]:
    return list(client.containers.list(all=True, filters={"label": machine.engine.label}, ignore_removed=True))


def test_a_stop_during_a_pull_ends_the_job_at_once(machine: Machine) -> None:
    """A registry that never answers holds up nobody who wants to stop."""
    with socket.create_server(("127.0.0.1", 0)) as registry:
        run = machine.start(["true"], image=f"127.0.0.1:{registry.getsockname()[1]}/lab/slow:1")
        asking, _ = registry.accept()
        with asking:
            assert run.poll() is None
            run.signal()
            assert machine.end_of(run).exit_code is None
    assert machine.left() == ([], [])


def test_one_pull_serves_all_who_wait_for_it(machine: Machine) -> None:
    """A hundred jobs with one missing image ask its registry once."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as registry:
        image = f"127.0.0.1:{registry.getsockname()[1]}/lab/shared:1"
        runs = [machine.start(["true"], image=image) for _ in range(10)]
        gate = threading.Event()
        answering = threading.Thread(target=_refuse, args=(registry, asked, gate))
        answering.start()
        machine.until(lambda: bool(asked))
        machine.until(lambda: next(iter(machine.engine._images._pulls.values())).waiting == 10)
        gate.set()
        reasons = {machine.end_of(run).reason for run in runs}
    answering.join()
    assert len(reasons) == 1
    # Docker asks anew by plain HTTP and for its own two versions of the protocol, but not once for each job.
    assert len(asked) < 10


def _refuse(registry: socket.socket, asked: list[bytes], gate: threading.Event) -> None:
    """Answer every request with an error, once `gate` is set, until the socket is closed."""
    registry.settimeout(5)
    while True:
        try:
            connection, _ = registry.accept()
        except OSError:
            return
        with connection:
            asked.append(connection.recv(1000))
            gate.wait(30)
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_a_full_disk_fails_the_job_and_the_engine_stays_usable(
    new_machine: Callable[..., Machine],
) -> None:
    """An engine without room says so in the reason, and the next job runs once there is room again."""
    with own_engine(room_mib=64) as own:
        machine = new_machine(reached_engine({"DOCKER_HOST": own.url}))
        filler = own.fill()
        outcome = machine.run(["true"])
        assert outcome.exit_code is None or outcome.exit_code > 0
        assert "no space left on device" in (outcome.reason or "")
        filler.unlink()
        assert machine.run(["true"]).exit_code == 0
        assert machine.left() == ([], [])
        machine.engine.close()


@pytest.fixture
def docker_leaves_sockets() -> Iterator[None]:
    """The `docker` package leaves the socket of a connection that failed to the garbage collector."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.usefixtures("docker_leaves_sockets")
def test_a_killed_engine_fails_the_job_and_ends_its_processes(new_machine: Callable[..., Machine]) -> None:
    """Who waits for a job is told that the engine went away; the container's processes do not go on without it."""
    with own_engine() as own:
        machine = new_machine(reached_engine({"DOCKER_HOST": own.url}))
        run = machine.start(["sh", "-c", "echo begun; exec sleep 98765"])
        machine.until(lambda: machine.log.texts == ["begun"])
        own.kill()
        outcome = machine.end_of(run)
        assert outcome.exit_code is None
        assert (outcome.reason or "").startswith(f"DockerTimeoutError: the engine at {own.url} went away while ")
        assert not [path for path in Path("/proc").glob("[0-9]*") if _command(path) == b"sleep\x0098765\x00"]
        later = machine.run(["true"])
        assert (later.reason or "").startswith(f"DockerTimeoutError: the engine at {own.url} does not answer: ")


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
