"""The local AWS runs commands, so nobody but its session gets in, and it hands out nothing but what jobs need."""

import http.client
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.pretty import pretty_repr

from batchwright import BatchSession
from batchwright.errors import JobFailedError
from batchwright.local import LocalServer
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws

from .conftest import HIDDEN_VALUE, told_by

OF_THE_USER = {
    "AWS_SECRET_ACCESS_KEY": "the-users-own-key",
    "AWS_PROFILE": "the-users-profile",
    "OF_THE_SHELL": "its-own",
}
LISTS_SECRETS = """
import os, pathlib
def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""
key = os.environ["AWS_SECRET_ACCESS_KEY"].encode()
for process in pathlib.Path("/proc").glob("[0-9]*"):
    environ, words = read(process / "environ"), read(process / "cmdline")
    if key in words or (key in environ and b"BATCHWRIGHT_RUN=" not in environ):
        print("holds the key:", words)
for name, value in os.environ.items():
    print(f"{name}={value}")
print("config:", os.path.exists(os.path.expanduser("~/.aws")))
"""


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its temporary directories."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def server(temporary: Path) -> Iterator[LocalServer]:
    """A server that was started by a user with credentials of the real AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)
        for name, value in OF_THE_USER.items():
            patch.setenv(name, value)
        server = LocalServer(engine="process", delays=Delays.none()).start()
    with server:
        yield server


def answer_to(server: LocalServer, **headers: str) -> int:
    """The status of the answer to an unsigned request with these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.endpoint_url.rpartition(":")[2]), timeout=20)
    try:
        connection.putrequest("POST", "/v1/listjobs", skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content_Length": "abc"},
        {"Content_Length": "-1"},
        {"Content_Length": "²"},
        {"Transfer_Encoding": "chunked"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature=" + "0" * 64},
        {"Authorization": "Basic eDp5"},
    ],
    ids=str,
)
def test_whatever_is_not_signed_is_refused(server: LocalServer, headers: dict[str, str]) -> None:
    """No header, however odd, gets an answer but a refusal, and none makes the server fail."""
    encoded = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert answer_to(server, **encoded) == 403


def test_it_listens_on_the_loopback_only(server: LocalServer) -> None:
    """The kernel's own table shows the port on 127.0.0.1 and on no other address."""
    port = f"{int(server.endpoint_url.rpartition(':')[2]):04X}"
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()]
    listening = {line[1] for line in lines if line[1].endswith(f":{port}") and line[3] == "0A"}
    assert listening == {f"0100007F:{port}"}


def test_its_directories_are_closed_to_others(server: LocalServer, temporary: Path) -> None:
    """All that it makes in the temporary directory belongs to this user alone."""
    made = list(temporary.iterdir())
    assert server.status()["engine"] == "process"
    assert made
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}


def test_a_job_gets_its_own_keys_and_nothing_of_the_users(server: LocalServer) -> None:
    """A job has what it was declared with and a way to its own AWS; no other process holds the session's key."""
    session = BatchSession("keys", boto3_session=server.boto3_session())
    session.file_system_dns_s = 0
    job = session.submit(
        "look", image="none", command=[sys.executable, "-c", LISTS_SECRETS], volumes={"/mnt/shared": "shared"}
    )
    job.wait(timeout_s=120)
    text = str(job.logs())
    assert f"AWS_SECRET_ACCESS_KEY={server.secret_access_key}" in text
    assert "config: False" in text
    assert "holds the key" not in text
    for name, value in OF_THE_USER.items():
        assert value not in text, name


@pytest.mark.parametrize("command", [["no-such-program"], ["/bin/sh", "-c", "exit 3"]], ids=["not there", "exit 3"])
def test_a_failed_job_is_told_without_its_variables(server: LocalServer, command: list[str]) -> None:
    """The reasons that the local AWS gives for a failure repeat no variable of the job, PATH included."""
    session = BatchSession("failing", boto3_session=server.boto3_session())
    environment = {"COLOUR": HIDDEN_VALUE, "PATH": f"/{HIDDEN_VALUE}"}
    job = session.submit(command[-1].replace(" ", "-"), image="none", command=command, environment=environment)
    with pytest.raises(JobFailedError) as caught:
        job.wait(timeout_s=120)
    assert HIDDEN_VALUE not in told_by(caught.value)
    assert HIDDEN_VALUE not in str(server.status())


def test_keys_show_in_no_repr(server: LocalServer) -> None:
    """Nothing that a program can hold prints the secret half of a key pair."""
    house = InProcessAws()
    parts: list[Any] = [house, house._aws, house._aws.gateway, house.boto3_session(), house._keys]
    text = "".join(repr(part) + pretty_repr(part) for part in parts)
    house.close()
    assert house._keys.secret_access_key not in text
    mine = [server, server._keys, server.boto3_session(), BatchSession("keys", boto3_session=server.boto3_session())]
    assert server.secret_access_key not in "".join(repr(part) + pretty_repr(part) for part in mine)
