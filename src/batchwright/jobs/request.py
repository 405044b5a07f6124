"""The SubmitJob request of a job, and the hash by which its declaration is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from batchwright.values import refuse, several

DEPENDENCIES_MAX: Final = 20
REQUEST_MAX_BYTES: Final = 30 * 1024
WISH_VERSION: Final = "1"
DEPENDENCY_TYPES: Final = ("SEQUENTIAL", "N_TO_N")
DEPENDENCY_LEGAL: Final = "jobs, job ids, or mappings with jobId and type (SEQUENTIAL may go without jobId; N_TO_N)"
Dependency = object
"""A `BatchJob`, a job id, or a mapping with `jobId` (a job or an id) and `type` ("SEQUENTIAL" or "N_TO_N")."""


def dependencies_of(value: Dependency | Iterable[Dependency]) -> tuple[Dependency, ...]:
    """One dependency, a list or a tuple of them, as a tuple."""
    return several(value)


def depends_legal(instance: object, field: attrs.Attribute[Any], value: tuple[Dependency, ...]) -> None:
    """A validator: dependencies as AWS takes them."""
    if len(value) > DEPENDENCIES_MAX:
        raise refuse(instance, field.name, f"{len(value)} jobs", f"at most {DEPENDENCIES_MAX} dependencies")
    for item in value:
        if not _is_dependency(item):
            raise refuse(instance, field.name, item, DEPENDENCY_LEGAL)


def _is_dependency(item: Dependency) -> bool:
    if isinstance(item, Mapping):
        members = cast("Mapping[str, object]", item)
        kind = members.get("type", "SEQUENTIAL")
        whole = bool(members.get("jobId")) or members.get("type") == "SEQUENTIAL"
        return set(members) <= {"jobId", "type"} and kind in DEPENDENCY_TYPES and whole
    return bool(item) and (isinstance(item, str) or hasattr(item, "submission_id"))


def without_empty(request: Mapping[str, Any]) -> dict[str, Any]:
    """`request` without the members that say nothing."""
    return {key: value for key, value in request.items() if value not in (None, "", [], {}, ())}


def resource_requirements(*, vcpus: float | None, memory_gib: float | None, gpus: int | None) -> list[dict[str, str]]:
    """The `resourceRequirements` of an override: what is given, in AWS's units."""
    amounts = {
        "VCPU": None if vcpus is None else f"{vcpus:g}",
        "MEMORY": None if memory_gib is None else str(round(memory_gib * 1024)),
        "GPU": None if gpus is None else str(gpus),
    }
    return [{"type": kind, "value": value} for kind, value in amounts.items() if value is not None]


def check_size(instance: object, request: Mapping[str, Any]) -> None:
    """Refuse a request that AWS finds too large.

    Raises:
        DeclarationError: It has more than 30 KiB.
    """
    size = len(json.dumps(request).encode())
    if size > REQUEST_MAX_BYTES:
        raise refuse(instance, "environment and command", f"{size} bytes", f"at most {REQUEST_MAX_BYTES} bytes in all")


def salted_hash(salt: str, content: object) -> str:
    """A hash of plain data that says nothing to whoever does not know all of it."""
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{WISH_VERSION}:{hashlib.sha256(f'{WISH_VERSION}|{salt}|{text}'.encode()).hexdigest()}"
