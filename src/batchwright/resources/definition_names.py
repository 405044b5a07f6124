"""Names of job definitions that say what is in them: the default ones, and those of the code that this grew out of."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

NAME_MAX: Final = 128
_SEED_PREFIX: Final = "neuroconv_batch"


def default_definition_name(
    namespace: str,
    *,
    image: str,
    memory_gib: float,
    vcpus: float,
    gpus: int | None = None,
    volumes: Iterable[str] = (),
    platform: str = "EC2",
    secrets: Mapping[str, str] | None = None,
) -> str:
    """The name of a definition that was given none: namespace, image and sizes, in legal characters.

    GPUs, a platform other than EC2, the names of mounted volumes and a hash of what secrets there are, by variable
    and ARN or name, follow, so that definitions that differ in these do not take turns under one name.
    """
    parts = [namespace, f"{image}-image", f"{_number(memory_gib)}-GiB-RAM", f"{_number(vcpus)}-CPU"]
    if gpus:
        parts.append(f"{gpus}-GPU")
    if platform != "EC2":
        parts.append(platform)
    parts.extend(volumes)
    if secrets:
        parts.append("secrets-" + hashlib.sha256(repr(sorted(map(str, secrets.items()))).encode()).hexdigest()[:7])
    return legal_name("_".join(parts))


def seed_definition_name(
    *,
    docker_image: str,
    minimum_worker_ram_in_gib: int,
    minimum_worker_cpus: int,
    efs_id: str | None = None,
    date: dt.date | None = None,
) -> str:
    """The name that `neuroconv`'s `submit_aws_batch_job` means to give a definition.

    An image whose tag is `latest` or missing is another one tomorrow, so its name carries the date.

    Args:
        docker_image: The image, with or without a tag or a digest.
        minimum_worker_ram_in_gib: Memory in GiB.
        minimum_worker_cpus: Number of vCPUs.
        efs_id: The id of the mounted file system.
        date: The date to carry; today's where it is needed and not given.
    """
    name = f"{_SEED_PREFIX}_{docker_image}-image_{minimum_worker_ram_in_gib}-GiB-RAM_{minimum_worker_cpus}-CPU"
    if efs_id is not None:
        name += f"_{efs_id}"
    if _moves(docker_image):
        name += f"_created-on-{(date or dt.date.today()).isoformat()}"
    return legal_name(name)


def legal_name(text: str) -> str:
    """`text` as a name that Batch takes: other characters become `-`; what is too long is cut and told apart by a hash.

    Args:
        text: Begins with a letter or a digit.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", "-", text)
    if len(name) <= NAME_MAX:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{name[: NAME_MAX - len(digest) - 1]}-{digest}"


def _number(value: object) -> str:
    # A name is made before the sizes are checked, whatever they are.
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _moves(image: str) -> bool:
    """Whether the same words may mean another image later; a registry's port is no tag, and a digest never moves."""
    last = image.rpartition("/")[2]
    tag = last.partition(":")[2]
    return "@" not in last and tag in ("", "latest")
