"""Jobs that failed, one for each class of failures; reasons are worded as ECS and Batch word them."""

from typing import Any, Final, cast

from .breaking import Break, World, breaks

PULL: Final = "CannotPullContainerError: Error response from daemon: "
REASONS: Final = {
    "failed-pull-rate": PULL + "toomanyrequests: You have reached your pull rate limit.",
    "failed-pull-missing": PULL + "manifest for ghcr.io/lab/convert:9 not found: manifest unknown",
    "failed-pull-denied": PULL + "pull access denied for lab/convert, repository does not exist or may require login",
    "failed-pull-architecture": PULL + "no matching manifest for linux/arm64/v8 in the manifest list entries",
    "failed-pull-network": PULL + "Get https://registry-1.docker.io/v2/: net/http: request canceled (Client.Timeout)",
    "failed-pull-space": PULL + "write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
    "failed-pull": PULL + "unexpected EOF",
    "failed-secrets": "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm",
    "failed-mount": "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: "
    "mount.nfs4: Connection timed out",
    "failed-initialization": "ResourceInitializationError: failed to configure ENI: timed out",
    "failed-docker-timeout": "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s",
    "failed-cannot-start": "CannotStartContainerError: Error response from daemon: invalid mount config",
    "failed-out-of-memory": "OutOfMemoryError: Container killed due to memory usage",
    "failed-architecture": "CannotStartContainerError: exec format error",
}
CODES: Final = {
    "failed-not-executable": 126,
    "failed-not-found": 127,
    "failed-killed": 137,
    "failed-crashed": 139,
    "failed-ended": 143,
    "failed-exit-code": 3,
}
STATUS_REASONS: Final = {
    "failed-time-limit": "Canceled by JobStateTimeLimit action due to reason: "
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    "failed-tags": "The number of tags exceeds the maximum of 50, so they cannot be propagated",
    "failed-host": "Host EC2 (instance i-0123456789abcdef0) terminated.",
    "failed-to-start": "Task failed to start",
    "failed-otherwise": "Something that nobody has seen before",
}


def failing(**said: object) -> Break:
    """A job that failed, of which AWS says this."""
    return lambda world: world.failed_job(**cast("Any", said))


for _rule, _reason in REASONS.items():
    breaks(_rule)(failing(reason=_reason, status_reason="Task failed to start"))
for _rule, _code in CODES.items():
    breaks(_rule)(failing(exit_code=_code))
for _rule, _reason in STATUS_REASONS.items():
    breaks(_rule)(failing(status_reason=_reason))


@breaks("failed-timeout")
def _(world: World) -> object:
    return world.job(timeout_s=60, wait_s=400)


@breaks("failed-stopped")
def _(world: World) -> object:
    job = world.job()
    job.terminate(reason="not needed")
    world.aws.advance(100)
    return job


@breaks("failed-dependency")
def _(world: World) -> object:
    return world.failed_job(status_reason="Dependent Job failed")


@breaks("failed-children")
def _(world: World) -> object:
    return world.job("array", array_size=2, command=["false"], environment={}, wait_s=400)
