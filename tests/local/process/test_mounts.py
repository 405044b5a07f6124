"""Pure parts: rewriting paths, cutting lines, finding volumes."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.local.log_lines import LineBuffer
from batchwright.local.mounts import Mount, mounts_of
from batchwright.local.path_rewriting import path_rewriter
from batchwright.local.volumes import VolumeError, VolumeStore

MOUNTS = (
    Mount(volume="a", source=Path("/real/a"), path="/mnt/efs", read_only=False),
    Mount(volume="b", source=Path("/real/b"), path="/mnt/efs/inner", read_only=False),
)


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("/mnt/efs", "/real/a"),
        ("/mnt/efs/", "/real/a/"),
        ("/mnt/efs/x.txt", "/real/a/x.txt"),
        ("/mnt/efs/inner/x", "/real/b/x"),
        ("/mnt/efs/innermost", "/real/a/innermost"),
        ("cp /mnt/efs/x /mnt/efs/y; cd '/mnt/efs'", "cp /real/a/x /real/a/y; cd '/real/a'"),
        ("--out=/mnt/efs/x", "--out=/real/a/x"),
        ("a:/mnt/efs:/mnt/efs/inner:b", "a:/real/a:/real/b:b"),
        ("echo >/mnt/efs/x", "echo >/real/a/x"),
        ("file:///mnt/efs/x", "file:///real/a/x"),
        ("gcc -I/mnt/efs/include", "gcc -I/real/a/include"),
        ("it is in /mnt/efs.", "it is in /real/a."),
        *((same, same) for same in (
            "/mnt/efs2", "/mnt/efs-old/x", "/mnt/efs.bak", "/mnt/efs_", "/data/mnt/efs", "./mnt/efs", "../mnt/efs/x",
            "s3://bucket/mnt/efs/x", "~/mnt/efs", "/mnt", "mnt/efs", "",
        )),
    ],
)  # fmt: skip
def test_only_whole_paths_are_rewritten(text: str, rewritten: str) -> None:
    """A mount's path counts where a path begins and ends there, the innermost mount first."""
    assert path_rewriter(MOUNTS)(text) == rewritten


@given(st.text())
def test_nothing_changes_without_mounts(text: str) -> None:
    """Any text is left as it is."""
    assert path_rewriter(())(text) == text


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_lines_do_not_depend_on_how_the_bytes_came(data: bytes, cuts: list[int]) -> None:
    """Reading in pieces gives the lines of reading at once, and no empty ones."""
    pieces = LineBuffer(lambda: 5)
    edges = [0, *sorted(cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        pieces.feed(data[start:end])
    pieces.finish()
    whole = [line.decode("utf-8", "replace").rstrip("\r") for line in data.split(b"\n")]
    assert pieces.take() == [(5, line) for line in whole if line]
    assert pieces.take() == []


def test_a_line_without_end_is_cut() -> None:
    """A progress bar of megabytes does not fill the memory: what is over 16 KiB becomes ready at once."""
    lines = LineBuffer(lambda: 0)
    lines.feed(b"x" * 40_000)
    assert [len(text) for _, text in lines.take()] == [16_384, 16_384]
    lines.finish()
    assert [len(text) for _, text in lines.take()] == [40_000 - 2 * 16_384]


@pytest.mark.parametrize(
    ("file_system_id", "root_directory"),
    [("../fs", "/"), ("", "/"), ("fs/1", "/"), ("fs-1", "/../.."), ("fs-1", "/out"), ("fs-1", "/absent")],
)
def test_a_volume_does_not_lead_out_of_its_store(tmp_path: Path, file_system_id: str, root_directory: str) -> None:
    """Neither a name, nor dots, nor a link inside the file system opens another directory."""
    store = VolumeStore(tmp_path / "volumes")
    (store.directory("fs-1") / "out").symlink_to(tmp_path)
    with pytest.raises(VolumeError, match="ResourceInitializationError"):
        store.directory(file_system_id, root_directory=root_directory)


def test_an_access_point_opens_its_own_directory(tmp_path: Path) -> None:
    """EFS makes the directory of an access point when it is first used."""
    store = VolumeStore(tmp_path, access_point_root={"fsap-1": "/lab/a"}.__getitem__)
    configuration = {"fileSystemId": "fs-1", "authorizationConfig": {"accessPointId": "fsap-1"}}
    assert store.efs_directory(configuration) == store.directory("fs-1", root_directory="/lab/a")


@pytest.mark.parametrize(
    ("volumes", "point", "reason"),
    [
        ([], {"sourceVolume": "a", "containerPath": "/x"}, "'a'"),
        ([{"name": "a", "host": {"sourcePath": "/no/such"}}], {"sourceVolume": "a", "containerPath": "/x"}, "/no/such"),
        ([{"name": "a", "host": {"sourcePath": "tmp"}}], {"sourceVolume": "a", "containerPath": "/x"}, "an absolute"),
        ([{"name": "a"}], {"sourceVolume": "a", "containerPath": "x"}, "absolute"),
    ],
)  # fmt: skip
def test_mounts_that_cannot_be_are_refused(
    tmp_path: Path, volumes: list[dict[str, Any]], point: dict[str, Any], reason: str
) -> None:
    """The refusal names the volume or the path."""
    with pytest.raises(VolumeError, match=reason):
        mounts_of({"volumes": volumes, "mountPoints": [point]}, VolumeStore(tmp_path / "v"), tmp_path)


def test_a_mount_is_read_from_the_containers_own_words(tmp_path: Path) -> None:
    """The path is made normal, and the variable is a legal name."""
    store = VolumeStore(tmp_path / "v")
    container = {
        "volumes": [{"name": "my.data-1", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
        "mountPoints": [{"sourceVolume": "my.data-1", "containerPath": "/mnt//efs/", "readOnly": True}],
    }
    (mount,) = mounts_of(container, store, tmp_path)
    assert (mount.path, mount.source, mount.read_only) == ("/mnt/efs", store.directory("fs-1"), True)
    assert mount.variable == "BATCHWRIGHT_MOUNT_MY_DATA_1"
