"""What a job declares about its container, as the Engine API takes it.

The members are those of ContainerProperties in the AWS Batch API reference; how ECS's agent hands them to Docker is
told in "Amazon ECS task definition parameters".
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from batchwright.local.docker.api import Body
from batchwright.local.docker.network import Network
from batchwright.local.mounts import Mount
from batchwright.local.sizes import requirements
from batchwright.local.volumes import VolumeError

_MIB = 2**20
_LEAST_MEMORY_MIB = 6  # less is refused by Docker, while Batch takes 4
_SHARES_PER_VCPU = 1024
_LEAST_SHARES = 2
_PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}


@attrs.frozen(kw_only=True)
class Frame:
    """What a container gets besides what its job declares.

    Args:
        image: The image's name.
        environment: All of the job's variables.
        labels: By which it is found again.
        mounts: Its directories.
        name: Its own; volumes of its own begin with it.
        network: How it reaches this machine.
        most_cpus: How many processors the engine has.
    """

    image: str
    environment: Mapping[str, str] = attrs.field(repr=False)
    labels: Mapping[str, str]
    mounts: Sequence[Mount]
    name: str
    network: Network
    most_cpus: int


def platform_of(container: Mapping[str, Any]) -> str | None:
    """Return the platform that `runtimePlatform` names, as Docker writes it; None where it names none."""
    wanted: Mapping[str, Any] = container.get("runtimePlatform") or {}
    return _PLATFORMS.get(str(wanted.get("cpuArchitecture") or ""))


def container_body(container: Mapping[str, Any], frame: Frame) -> Body:
    """Return the body of ContainerCreate for a job's container.

    Raises:
        VolumeError: A path that Docker cannot be told.
    """
    return {
        "Image": frame.image,
        "Cmd": [str(word) for word in container.get("command") or ()] or None,
        "Env": [f"{name}={value}" for name, value in frame.environment.items()],
        "User": str(container.get("user") or ""),
        "Labels": dict(frame.labels),
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": _host_config(container, frame),
    }


def _host_config(container: Mapping[str, Any], frame: Frame) -> Body:
    linux: Mapping[str, Any] = container.get("linuxParameters") or {}
    return {
        "NetworkMode": frame.network.mode,
        "ExtraHosts": list(frame.network.extra_hosts),
        "LogConfig": {"Type": "none"},  # the lines are read from the connection, and kept in one place only
        "Privileged": bool(container.get("privileged")),
        "ReadonlyRootfs": bool(container.get("readonlyRootFilesystem")),
        "Ulimits": [_ulimit(each) for each in container.get("ulimits") or ()],
        **_sizes(container, linux, frame.most_cpus),
        **_linux(linux),
        **_mounted(frame),
    }


def _ulimit(declared: Mapping[str, Any]) -> Body:
    return {"Name": declared["name"], "Soft": int(declared["softLimit"]), "Hard": int(declared["hardLimit"])}


def _sizes(container: Mapping[str, Any], linux: Mapping[str, Any], most_cpus: int) -> Body:
    """Memory is a limit on both platforms; vCPUs are a weight among jobs on EC2 and a limit on Fargate."""
    wanted = requirements(dict(container))
    memory = max(int(float(wanted.get("MEMORY", "0"))), _LEAST_MEMORY_MIB) * _MIB
    swap = linux.get("maxSwap")
    vcpus = float(wanted.get("VCPU", "1"))
    sizes: Body = {"Memory": memory, "MemorySwap": memory + int(swap or 0) * _MIB}
    if swap is not None and linux.get("swappiness") is not None:
        sizes["MemorySwappiness"] = int(linux["swappiness"])
    if "fargatePlatformConfiguration" in container:
        sizes["NanoCpus"] = round(min(vcpus, most_cpus) * 1e9)
    else:
        sizes["CpuShares"] = max(round(vcpus * _SHARES_PER_VCPU), _LEAST_SHARES)
    if "GPU" in wanted:
        sizes["DeviceRequests"] = [{"Count": int(float(wanted["GPU"])), "Capabilities": [["gpu"]]}]
    return sizes


def _linux(linux: Mapping[str, Any]) -> Body:
    members: Body = {"Init": bool(linux.get("initProcessEnabled"))}
    members["Devices"] = [_device(each) for each in linux.get("devices") or ()]
    members["Tmpfs"] = {str(each["containerPath"]): _tmpfs_options(each) for each in linux.get("tmpfs") or ()}
    if linux.get("sharedMemorySize"):
        members["ShmSize"] = int(linux["sharedMemorySize"]) * _MIB
    return members


def _device(declared: Mapping[str, Any]) -> Body:
    permissions: Sequence[str] = declared.get("permissions") or ("READ", "WRITE", "MKNOD")
    host_path = str(declared["hostPath"])
    return {
        "PathOnHost": host_path,
        "PathInContainer": str(declared.get("containerPath") or host_path),
        "CgroupPermissions": "".join(each[0].lower() for each in permissions),
    }


def _tmpfs_options(declared: Mapping[str, Any]) -> str:
    return ",".join([f"size={int(declared['size'])}m", *map(str, declared.get("mountOptions") or ())])


def own_volumes(frame: Frame) -> frozenset[str]:
    """Return the names of the volumes that are the container's own, and are to go with it."""
    return frozenset(_own_volume(frame, mount) for mount in frame.mounts if mount.is_scratch)


def _own_volume(frame: Frame, mount: Mount) -> str:
    return f"{frame.name}-{mount.source.name}"


def _mounted(frame: Frame) -> Body:
    """Directories of the host are binds, which the engine makes where they are missing, as ECS has it."""
    mounts = [_mount(each, frame) for each in frame.mounts if not each.is_host]
    return {"Mounts": mounts, "Binds": [_bind(each) for each in frame.mounts if each.is_host]}


def _mount(mount: Mount, frame: Frame) -> Body:
    members: Body = {"Target": mount.path, "ReadOnly": mount.read_only}
    if not mount.is_scratch:
        return {**members, "Type": "bind", "Source": str(mount.source)}
    options = {"Labels": dict(frame.labels)}
    return {**members, "Type": "volume", "Source": _own_volume(frame, mount), "VolumeOptions": options}


def _bind(mount: Mount) -> str:
    source = str(mount.source)
    if ":" in source or ":" in mount.path:
        raise VolumeError(f"volume {mount.volume!r}: Docker takes no path with a colon ({source}, {mount.path})")
    return f"{source}:{mount.path}:{'ro' if mount.read_only else 'rw'}"
