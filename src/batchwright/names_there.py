"""What names AWS knows of a kind: for the error of a name that it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from batchwright.connection import Connection
from batchwright.nearest import did_you_mean

_LISTS: Final = {
    "job queue": ("describe_job_queues", "jobQueues", "jobQueueName"),
    "compute environment": ("describe_compute_environments", "computeEnvironments", "computeEnvironmentName"),
    "job definition": ("describe_job_definitions", "jobDefinitions", "jobDefinitionName"),
}
"""By kind: Batch's call, and the members of its answer that hold the things and their names."""
_GONE: Final = ("DELETED", "INACTIVE")


def names_there(session: Connection, kind: str) -> list[str]:
    """The names of the things of this kind, as far as one call tells; none where the caller may not make it.

    Args:
        session: Whose region.
        kind: A resource's `kind`; of kinds that have no such call nothing is known.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    if kind not in _LISTS:
        return []
    operation, things, name = _LISTS[kind]
    try:
        answer = cast("Mapping[str, Any]", getattr(cast("Any", session.batch), operation)())
    except (ClientError, BotoCoreError):
        return []  # this is about a better message, and what it is about is known already
    return list(dict.fromkeys(str(each[name]) for each in answer[things] if each.get("status") not in _GONE))


def nearest_there(session: Connection, kind: str, name: str) -> str:
    """A question that names what comes nearest to a name that is not there; an empty string where nothing does."""
    return did_you_mean(name, names_there(session, kind))
