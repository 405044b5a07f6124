"""NeuroConv's call on a local AWS in its own process, which it reaches by environment variables, as on AWS itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import boto3
import pytest

from batchwright.local import Delays, LocalServer

LISTING_LAG_S = 3.0


RCLONE = """#!/bin/sh
# Takes a configuration as rclone does, by its path, and writes where it is told to.
while [ $# -gt 0 ]; do
  case $1 in
    --config) RCLONE_CONFIG=$2; shift ;;
    /mnt/*) target=$1 ;;
  esac
  shift
done
mkdir -p "$target" && cat "$RCLONE_CONFIG" > "$target/configuration"
"""
NEUROCONV = """#!/bin/sh
# Called as `neuroconv run.yml --data-folder-path ... --output-folder-path ... --overwrite`.
cat "$1" "$3/configuration" > "$5/converted.nwb" && echo "$2 $4 $6"
"""


@pytest.fixture(scope="package")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stand-ins for rclone and neuroconv, for jobs that are processes of this machine."""
    folder = tmp_path_factory.mktemp("programs")
    for name, script in (("rclone", RCLONE), ("neuroconv", NEUROCONV)):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="package")
def server(programs: Path) -> Iterator[LocalServer]:
    """One AWS for the folder; as on AWS itself, a new job is not listed at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(programs), prepend=os.pathsep)
        delays = attrs.evolve(Delays.brief(), listing_lag_s=LISTING_LAG_S)
        server = LocalServer(engine="process", delays=delays).start()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def account(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> LocalServer:
    """An empty account, the caller's variables for it, and no region configured anywhere."""
    server.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    return server


@pytest.fixture
def ohio(server: LocalServer) -> boto3.Session:
    """The account as boto3 sees it in us-east-2."""
    return server.boto3_session("us-east-2")
