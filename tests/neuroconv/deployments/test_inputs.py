"""What a caller can get wrong is said before AWS is asked for anything, and without the configuration's text."""

import traceback
from pathlib import Path
from typing import Any

import pytest

from batchwright import DeclarationError
from batchwright.neuroconv import rclone_transfer_batch_job

from .conftest import COMMAND, SECRET, Account


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory without any configuration."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


def refused(account: Account, kind: type[Exception], match: str, **arguments: Any) -> None:  # noqa: ANN401
    """Assert that a deployment is refused with this error, and that AWS was asked for nothing."""
    with pytest.raises(kind, match=match) as caught:
        account.deploy(**arguments)
    assert account.aws.calls == []
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_transfer_to_elsewhere_is_refused(account: Account) -> None:
    """NeuroConv's own ValueError; the command may hold a password, so it is not repeated."""
    refused(account, ValueError, "/mnt/efs/source", rclone_command=f"rclone copy :sftp,pass={SECRET}: /mnt/efs")


@pytest.mark.parametrize("argument", ["rclone_config_file_path", "yaml_specification_file_path"])
def test_a_missing_file_is_refused(account: Account, argument: str) -> None:
    """A directory is none either."""
    for path in (account.folder / "missing", account.folder):
        refused(account, FileNotFoundError, str(path), **{argument: str(path)})


def test_the_configuration_is_looked_for_at_home(account: Account, home: Path) -> None:
    """At NeuroConv's place; where rclone itself keeps it, the error leads there."""
    refused(account, FileNotFoundError, r"\.rclone/rclone\.conf", rclone_config_file_path=None)
    rclones_own = home / ".config" / "rclone" / "rclone.conf"
    rclones_own.parent.mkdir(parents=True)
    rclones_own.write_text("[one]\n")
    refused(account, FileNotFoundError, f"There is one at {rclones_own}", rclone_config_file_path=None)
    neuroconvs = home / ".rclone" / "rclone.conf"
    neuroconvs.parent.mkdir()
    neuroconvs.write_text("[two]\n")
    account.deploy(rclone_config_file_path=None).wait()
    assert account.engine.environments["sub-01_rclone_transfer"]["RCLONE_CONFIG"] == "[two]\n"


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("rclone.conf", SECRET.encode() + b"\xff", "UTF-8"),
        ("rclone.conf", SECRET.encode() + b"\0", "without NUL"),
        ("rclone.conf", SECRET.encode() * 4000, "at most 65536 bytes"),
        ("specification.yml", b"\xff", "UTF-8"),
        ("specification.yml", b" \n", "a file with a specification"),
        ("specification.yml", b"# long\n" * 3000, "submit_aws_batch_job"),
    ],
)
def test_a_file_that_cannot_travel_is_refused(account: Account, name: str, content: bytes, match: str) -> None:
    """With what to do instead, and nothing of a configuration."""
    (account.folder / name).write_bytes(content)
    refused(account, DeclarationError, match)


@pytest.mark.parametrize(
    "wrong",
    [
        {"job_name": "a name"},
        {"job_name": "x" * 120},
        {"minimum_worker_cpus": 0},
        {"neuroconv_secrets": {"DANDI_API_KEY": SECRET}},
        {"efs_volume_name": "x" * 300},
    ],
)
def test_what_aws_would_refuse_is_refused(account: Account, wrong: dict[str, Any]) -> None:
    """Names, sizes and a key where its ARN belongs."""
    refused(account, DeclarationError, "is not legal", **wrong)


def test_a_transfer_past_the_volume_is_warned_of(account: Account) -> None:
    """NeuroConv's own warning, at the line of the call; the job is submitted all the same."""
    with pytest.warns(UserWarning, match="does not contain a reference to '/mnt/efs'") as caught:
        info = rclone_transfer_batch_job(
            rclone_command="rclone copy drive:a drive:b",
            job_name="past",
            efs_volume_name="data",
            rclone_config_file_path=account.files["rclone_config_file_path"],
        )
    assert [warning.filename for warning in caught] == [__file__]
    assert info["job_submission_info"]["jobId"]


def test_a_transfer_alone_is_checked_too(account: Account) -> None:
    """Its files and sizes, before any call."""
    files = {"rclone_config_file_path": account.files["rclone_config_file_path"]}
    for kind, wrong in (
        (FileNotFoundError, {"rclone_config_file_path": account.folder / "missing"}),
        (DeclarationError, {"minimum_worker_ram_in_gib": 0}),
    ):
        with pytest.raises(kind):
            rclone_transfer_batch_job(
                **{"rclone_command": COMMAND, "job_name": "a", "efs_volume_name": "b", **files, **wrong}  # type: ignore[arg-type]  # of several types
            )
    assert account.aws.calls == []
