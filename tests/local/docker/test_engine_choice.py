"""Which engine runs the jobs, and what is said of it."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from batchwright import JobFailedError
from batchwright.local import local_session
from batchwright.local.docker import reach
from batchwright.local.docker.choice import Choice, EngineChoiceError, chosen_engine
from batchwright.local.docker.network import GATEWAY_NAME, Network, network_of
from batchwright.local.docker.reach import Reached, UnreachedError, reached_engine
from batchwright.local.local_server import LocalServer, LocalServerError
from batchwright.local.server import _own_host

from ...containers.images import busybox_image

Reach = Callable[[], Reached]


def nowhere() -> Reached:
    raise UnreachedError("permission denied at unix:///var/run/docker.sock", "Add yourself to the group.")


def there() -> Reached:
    made: Any = object.__new__(Reached)
    for name, value in {"title": "Docker 20.10.24", "base_url": "unix:///var/run/docker.sock"}.items():
        object.__setattr__(made, name, value)
    reached: Reached = made
    return reached


def choice(wanted: str, reach: Reach, **environment: str) -> tuple[str, str]:
    found: Choice = chosen_engine(wanted, environment=environment, reach=reach)
    return found.engine, found.reason


def test_auto_is_docker_where_it_answers_and_says_so() -> None:
    """An engine that answers is taken, and named with its version and its place."""
    assert choice("auto", there) == ("docker", "Docker 20.10.24 answers at unix:///var/run/docker.sock.")


def test_auto_is_process_elsewhere_and_says_why() -> None:
    """Where no engine can be used, jobs still run, and the reason is what was found."""
    assert choice("auto", nowhere) == (
        "process",
        "No Docker engine can be used: permission denied at unix:///var/run/docker.sock. So jobs run as processes of "
        "this machine, without images.",
    )


def test_docker_where_there_is_none_is_an_error_with_the_way_out() -> None:
    """Who asks for docker gets docker or an error that says what was tried and what to do."""
    with pytest.raises(EngineChoiceError, match="no Docker engine can be used: permission denied") as caught:
        chosen_engine("docker", environment={}, reach=nowhere)
    assert caught.value.hint == "Add yourself to the group."


def test_the_environment_decides_what_auto_is_and_nothing_else() -> None:
    """BATCHWRIGHT_LOCAL_ENGINE is the default of who asks for none."""
    named = {"BATCHWRIGHT_LOCAL_ENGINE": "process"}
    assert choice("auto", there, **named) == ("process", "The engine 'process' was named by BATCHWRIGHT_LOCAL_ENGINE.")
    assert choice("docker", there, **named)[0] == "docker"
    assert choice("process", there, BATCHWRIGHT_LOCAL_ENGINE="docker")[0] == "process"
    assert choice("auto", there, BATCHWRIGHT_LOCAL_ENGINE="")[0] == "docker"


@pytest.mark.parametrize("name", ["podman", "Docker", ""])
def test_an_engine_that_does_not_exist_is_refused(name: str) -> None:
    """A misspelt engine is told, with those that there are."""
    with pytest.raises(EngineChoiceError, match="auto, docker, process, scripted"):
        chosen_engine(name, environment={}, reach=there)


def test_a_misspelt_variable_is_refused() -> None:
    """A value that names no engine is not passed over in silence."""
    with pytest.raises(EngineChoiceError, match="BATCHWRIGHT_LOCAL_ENGINE is 'dokcer'"):
        chosen_engine("auto", environment={"BATCHWRIGHT_LOCAL_ENGINE": "dokcer"}, reach=there)


def unreached(environment: dict[str, str], home: Path) -> UnreachedError:
    with pytest.raises(UnreachedError) as caught:
        reached_engine({"DOCKER_CONTEXT": "default", **environment}, home=home)
    return caught.value


pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def test_a_socket_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A DOCKER_HOST that leads nowhere is told with its name, and how to be rid of it."""
    found = unreached({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}, tmp_path)
    assert str(found) == f"No such file or directory at unix://{tmp_path}/none.sock (DOCKER_HOST)"
    assert "unset or correct DOCKER_HOST" in found.hint


def test_a_socket_that_nobody_listens_at_is_named(tmp_path: Path) -> None:
    """What a dead engine leaves is told from an engine."""
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    assert str(unreached({"DOCKER_HOST": f"unix://{path}"}, tmp_path)) == (
        f"Connection refused at unix://{path} (DOCKER_HOST)"
    )


def test_a_socket_without_permission_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not use the socket is told of the group, and of engines that need none."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("docker.transport.unixconn.UnixHTTPConnection.connect", refuse)
    found = unreached({"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}, tmp_path)
    assert str(found) == f"Permission denied at unix://{tmp_path}/docker.sock (DOCKER_HOST)"
    assert "usermod -aG docker" in found.hint


@pytest.fixture
def web_server() -> Iterator[str]:
    """Something that answers, and is no engine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_what_answers_and_is_no_engine_is_told(tmp_path: Path, web_server: str) -> None:
    """A port of something else is not taken for an engine."""
    assert f"what answers at {web_server} (DOCKER_HOST) is no usable engine" in str(
        unreached({"DOCKER_HOST": web_server}, tmp_path)
    )


@pytest.mark.parametrize("url", ["tcp://build-host.example:2375", "ssh://me@build-host.example"])
def test_an_engine_on_another_machine_is_not_taken(tmp_path: Path, url: str) -> None:
    """Its containers would see neither this machine's volumes nor its local AWS."""
    found = unreached({"DOCKER_HOST": url}, tmp_path)
    assert f"the engine at {url} (DOCKER_HOST) is not on this machine" in str(found)
    assert "DOCKER_HOST" in found.hint


@pytest.mark.parametrize(
    ("info", "system", "is_podman", "expected"),
    [
        ({"OperatingSystem": "Debian GNU/Linux 12"}, "Linux", False, Network("host", "127.0.0.1")),
        ({"OperatingSystem": "Docker Desktop"}, "Linux", False, Network("bridge", GATEWAY_NAME)),
        ({"OperatingSystem": "Docker Desktop"}, "Darwin", False, Network("bridge", GATEWAY_NAME)),
        ({"OperatingSystem": "fedora"}, "Darwin", True, Network("bridge", GATEWAY_NAME)),
        ({"SecurityOptions": ["name=rootless"]}, "Linux", True, Network("host", "127.0.0.1")),
        (
            {"SecurityOptions": ["name=seccomp", "name=rootless"]},
            "Linux",
            False,
            Network("bridge", GATEWAY_NAME, (f"{GATEWAY_NAME}:host-gateway",)),
        ),
    ],
)
def test_containers_share_this_machines_network_where_they_can(
    info: dict[str, Any], system: str, is_podman: bool, expected: Network
) -> None:
    """Where an engine is in a machine of its own, the local AWS is called by the gateway's name."""
    assert network_of(info, is_podman=is_podman, system=system) == expected


def test_the_gateways_name_is_admitted_for_engines_that_need_it_only() -> None:
    """A request by another name than this machine's own is refused, but for the one that containers have to use."""
    shared, apart = _own_host("127.0.0.1", 8000), _own_host(GATEWAY_NAME, 8000)
    assert shared("localhost:8000")
    assert apart("127.0.0.1:8000")
    assert apart("Host.Docker.Internal:8000")
    assert not shared(f"{GATEWAY_NAME}:8000")
    assert not apart(f"{GATEWAY_NAME}:8001")
    assert not apart("evil.example:8000")


def test_a_server_without_the_engine_asked_for_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`engine="docker"` without an engine is an error of the start, with the way out and no word of what to install."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(LocalServerError) as caught:
        LocalServer(engine="docker").start()
    assert str(caught.value) == (
        "the local AWS did not start: no Docker engine can be used: No such file or directory at "
        f"unix://{tmp_path}/none.sock (DOCKER_HOST)\nStart that engine, or unset or correct DOCKER_HOST."
    )


def test_a_server_says_which_engine_it_took_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What `auto` chose is in the server, in its repr and in the log."""
    monkeypatch.delenv("BATCHWRIGHT_LOCAL_ENGINE", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with caplog.at_level(logging.INFO, "batchwright.local"), LocalServer() as server:
        assert server.engine == "process"
        assert server.engine_reason.startswith("No Docker engine can be used: No such file or directory at unix://")
        assert server.engine_reason.rstrip(".") in repr(server)
        assert server.engine_reason in caplog.text


def test_a_job_without_its_program_is_told_why_it_had_no_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `auto` took processes, the reason of a job that needs an image names what is wrong with docker."""
    monkeypatch.delenv("BATCHWRIGHT_LOCAL_ENGINE", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with local_session("bare") as session, pytest.raises(JobFailedError) as caught:
        session.submit("tool", image="lab/tool:1", command=["no-such-tool"]).wait()
    assert "run the job with docker. No Docker engine can be used: No such file or directory at" in str(caught.value)


@pytest.mark.docker
def test_auto_takes_the_engine_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an engine answers, who asks for nothing gets containers, and is told."""
    monkeypatch.delenv("BATCHWRIGHT_LOCAL_ENGINE", raising=False)
    with LocalServer() as server:
        assert server.engine == "docker"
        assert re.fullmatch(r"(Docker|Podman) \d+\.\S+ answers at \S+\.", server.engine_reason)


@pytest.mark.docker
def test_an_engine_whose_container_this_program_is_in_is_not_taken(
    tmp_path: Path, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mounted socket leads to an engine that sees neither the files nor the loopback of this container."""
    (tmp_path / "mark").touch()
    monkeypatch.setattr(reach, "_IN_CONTAINER", tmp_path / "mark")
    assert reached_engine().title
    container = client.containers.create(busybox_image(client), "true")
    try:
        monkeypatch.setattr("socket.gethostname", lambda: str(container.id)[:12])
        with pytest.raises(UnreachedError, match="this program runs in a container of the engine at "):
            reached_engine()
    finally:
        container.remove()
