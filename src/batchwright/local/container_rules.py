"""What AWS Batch demands of a definition's container."""

import re

from batchwright.local.refusals import Refusal
from batchwright.local.sizes import check_sizes
from batchwright.local.state import Wire

_RESERVED_PREFIX = "AWS_BATCH"
_LONGEST_IMAGE = 255
_LONGEST_VOLUME_NAME = 255
_LONGEST_ROOT = 4096
_USER = re.compile(r"[a-z0-9_][a-z0-9_-]{0,30}")
_NOT_ON_EC2 = ("networkConfiguration", "fargatePlatformConfiguration", "ephemeralStorage")
_NOT_ON_FARGATE = ("privileged", "ulimits", "instanceType")
_LINUX_NOT_ON_FARGATE = ("devices", "sharedMemorySize", "tmpfs", "maxSwap", "swappiness")
_FARGATE_LOG_DRIVERS = ("awslogs", "splunk")


def check_container(container: Wire, platform: str) -> None:
    """Raise Refusal where RegisterJobDefinition would.

    Args:
        container: The request's `containerProperties`.
        platform: "EC2" or "FARGATE".
    """
    image = container.get("image", "")
    if not 1 <= len(image) <= _LONGEST_IMAGE:
        raise Refusal(f"containerProperties.image must have 1 to {_LONGEST_IMAGE} characters.")
    if "user" in container and not _USER.fullmatch(container["user"]):
        raise Refusal(f"containerProperties.user should match valid pattern ^({_USER.pattern})$")
    check_environment(container.get("environment", []))
    _check_volumes(container)
    check_sizes(container, platform)
    if platform == "FARGATE":
        _check_fargate(container)
    else:
        _check_ec2(container)


def check_environment(variables: list[Wire]) -> None:
    """Raise Refusal for a variable without a name, or with a name that is kept for Batch."""
    for variable in variables:
        name = variable.get("name", "")
        if not name or name.startswith(_RESERVED_PREFIX):
            raise Refusal(f"Environment variable {name!r}: names are not empty and do not start with AWS_BATCH.")


def _check_volumes(container: Wire) -> None:
    names = [volume.get("name", "") for volume in container.get("volumes", [])]
    if len(set(names)) < len(names) or not all(1 <= len(name) <= _LONGEST_VOLUME_NAME for name in names):
        raise Refusal(f"Volumes have names of 1 to {_LONGEST_VOLUME_NAME} characters, all different; got {names}.")
    paths = [point.get("containerPath") for point in container.get("mountPoints", [])]
    if len(set(paths)) < len(paths) or not all(paths):
        raise Refusal(f"Mount points have a containerPath each, all different; got {paths}.")
    for point in container.get("mountPoints", []):
        if point.get("sourceVolume") not in names:
            raise Refusal(f"Unknown volume '{point.get('sourceVolume')}' in mountPoints.")
    for volume in container.get("volumes", []):
        _check_file_system(volume.get("efsVolumeConfiguration"), container)


def _check_file_system(efs: Wire | None, container: Wire) -> None:
    if efs is None:
        return
    authorization = efs.get("authorizationConfig", {})
    access_point, uses_iam = authorization.get("accessPointId"), authorization.get("iam") == "ENABLED"
    if (access_point or uses_iam) and efs.get("transitEncryption") != "ENABLED":
        raise Refusal("efsVolumeConfiguration: transitEncryption must be ENABLED with an access point or IAM.")
    if access_point and efs.get("rootDirectory", "/") != "/":
        raise Refusal("efsVolumeConfiguration: rootDirectory must be omitted or / with an access point.")
    if uses_iam and not container.get("jobRoleArn"):
        raise Refusal("efsVolumeConfiguration: iam needs a jobRoleArn.")
    if len(efs.get("rootDirectory", "/")) > _LONGEST_ROOT:
        raise Refusal(f"efsVolumeConfiguration: rootDirectory has at most {_LONGEST_ROOT} characters.")
    if not 0 <= efs.get("transitEncryptionPort", 0) <= 65535:
        raise Refusal("efsVolumeConfiguration: transitEncryptionPort must be between 0 and 65535.")


def _check_ec2(container: Wire) -> None:
    for member in _NOT_ON_EC2:
        if member in container:
            raise Refusal(f"{member} not applicable for EC2.")
    if container.get("secrets") and not container.get("executionRoleArn"):
        raise Refusal("executionRoleArn is required for secrets.")


def _check_fargate(container: Wire) -> None:
    if not container.get("executionRoleArn"):
        raise Refusal("executionRoleArn is required for Fargate.")
    for member in _NOT_ON_FARGATE:
        if container.get(member):
            raise Refusal(f"{member} is not applicable for Fargate.")
    for member in _LINUX_NOT_ON_FARGATE:
        if container.get("linuxParameters", {}).get(member):
            raise Refusal(f"linuxParameters.{member} is not applicable for Fargate.")
    if container.get("logConfiguration", {}).get("logDriver", "awslogs") not in _FARGATE_LOG_DRIVERS:
        raise Refusal(f"logConfiguration.logDriver on Fargate is one of {', '.join(_FARGATE_LOG_DRIVERS)}.")
    if any("sourcePath" in volume.get("host", {}) for volume in container.get("volumes", [])):
        raise Refusal("host.sourcePath is not applicable for Fargate.")
    if not 21 <= container.get("ephemeralStorage", {}).get("sizeInGiB", 21) <= 200:
        raise Refusal("ephemeralStorage.sizeInGiB must be between 21 and 200.")
