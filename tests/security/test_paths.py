"""No path of a job definition leads out of its file system, neither by its words nor by what jobs have left there."""

from pathlib import Path

import pytest

from batchwright.local.volumes import VolumeError, VolumeStore

LEADING_OUT = ["/..", "/../other", "//../../etc", "/a/../../x", "/link/..", "/link", "/link/new"]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory beside the volumes."""
    outside = tmp_path / "outside"
    outside.mkdir()
    return outside


@pytest.fixture
def volumes(tmp_path: Path, outside: Path) -> Path:
    """Where the file systems are; a job has left a link in one that leads out."""
    volumes = tmp_path / "volumes"
    (volumes / "fs-1" / "a").mkdir(parents=True)
    (volumes / "fs-1" / "link").symlink_to(outside)
    return volumes


@pytest.mark.parametrize("path", LEADING_OUT)
def test_a_root_directory_stays_inside(volumes: Path, outside: Path, path: str) -> None:
    """Dots, doubled slashes and links are followed before the mount, and refused where they lead out."""
    with pytest.raises(VolumeError, match="leads out of fs-1"):
        VolumeStore(volumes).directory("fs-1", root_directory=path)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", LEADING_OUT)
def test_an_access_points_directory_is_made_inside_only(volumes: Path, outside: Path, path: str) -> None:
    """The directory that an access point makes at its first use is made nowhere else."""
    store = VolumeStore(volumes, access_point_root=lambda _: path)
    configuration = {"fileSystemId": "fs-1", "authorizationConfig": {"accessPointId": "fsap-1"}}
    with pytest.raises(VolumeError, match="leads out of fs-1"):
        store.efs_directory(configuration)
    assert list(outside.iterdir()) == []
    assert sorted(path.name for path in volumes.iterdir()) == ["fs-1"]


@pytest.mark.parametrize("file_system_id", ["..", ".", "", "fs-1/..", "/etc", "fs-1\n", "fs 1"])
def test_an_id_is_a_name_and_no_path(volumes: Path, file_system_id: str) -> None:
    """What is no id of a file system names no directory."""
    with pytest.raises(VolumeError, match="is no file system id"):
        VolumeStore(volumes).directory(file_system_id)


@pytest.mark.parametrize("path", ["/", "//", "/a", "//a", "/a/", "/a/../a"])
def test_paths_inside_are_found(volumes: Path, path: str) -> None:
    """However it is written, a path inside the file system is mounted."""
    assert VolumeStore(volumes).directory("fs-1", root_directory=path).is_relative_to(volumes / "fs-1")
