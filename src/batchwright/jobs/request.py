"""What a job's SubmitJob request is made of, and the hash by which its declaration is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import attrs

from batchwright.values import refuse, several

DEPENDENCIES_MAX: Final = 20
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
    if not isinstance(item, Mapping):
        return _names_a_job(item)
    members = cast("Mapping[str, object]", item)
    if not set(members) <= {"jobId", "type"} or members.get("type", "SEQUENTIAL") not in DEPENDENCY_TYPES:
        return False
    return _names_a_job(members["jobId"]) if "jobId" in members else members.get("type") == "SEQUENTIAL"


def _names_a_job(item: object) -> bool:
    return bool(item) and (isinstance(item, str) or hasattr(item, "submission_id"))


def check_array_dependencies(instance: object, items: Iterable[Dependency], array_size: int | None) -> None:
    """Refuse what only arrays, and arrays of one size, can wait for.

    Raises:
        DeclarationError: It names the dependency and what is legal.
    """
    for item in items:
        sent = as_sent(item, lambda job: str(getattr(job, "name", job)))
        if "type" not in sent:
            continue
        if array_size is None:
            raise refuse(instance, "depends_on", sent, "a type only for a job with array_size")
        other: object = cast("Mapping[str, object]", item).get("jobId")
        size: int | None = getattr(other, "array_size", array_size)
        if size != array_size:
            raise refuse(
                instance, "depends_on", sent, f"N_TO_N between arrays of one size, not of {array_size} and {size}"
            )


def as_sent(item: Dependency, id_of: Callable[[object], str]) -> dict[str, str]:
    """A dependency as an entry of SubmitJob's `dependsOn`.

    Args:
        item: The dependency.
        id_of: The id of a declared job.
    """
    members = cast("Mapping[str, object]", item) if isinstance(item, Mapping) else {"jobId": item}
    entry = {key: value if isinstance(value, str) else id_of(value) for key, value in members.items()}
    # SEQUENTIAL is about an array's own children: with another job's id it says no more than the id alone.
    return {"jobId": entry["jobId"]} if entry.get("type") == "SEQUENTIAL" and "jobId" in entry else entry


def without_empty(request: Mapping[str, Any]) -> dict[str, Any]:
    """`request` without the members that say nothing."""
    return {key: value for key, value in request.items() if value not in (None, "", [], {}, ())}


def salted_hash(salt: str, content: object) -> str:
    """A versioned hash of plain data; the salt keeps equal data of two submissions from showing as equal."""
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{WISH_VERSION}:{hashlib.sha256(f'{WISH_VERSION}|{salt}|{text}'.encode()).hexdigest()}"
