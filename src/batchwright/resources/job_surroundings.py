"""What lies around a job: whether its volumes can be mounted where it runs, and what holds it up."""

from __future__ import annotations

from batchwright.errors import ConflictError, NotFoundError
from batchwright.graph import held
from batchwright.outcome import Resolved
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_volume import EfsVolume, lets_in
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue


def environments_of(queue: JobQueue) -> tuple[ComputeEnvironment, ...]:
    """The compute environments of a queue, in order."""
    return queue.compute_environments


def check_mounts(definition: JobDefinition, queue: JobQueue, resolved: Resolved) -> None:
    """Refuse a job whose volumes do not let its environments in: it would hang in STARTING and fail.

    Raises:
        ConflictError: It names the rule to add.
    """
    for volume in held([definition.volumes], EfsVolume):
        for environment in environments_of(queue):
            groups = resolved[environment].security_group_ids
            if missing := lets_in(resolved[volume], groups, definition.session):
                raise ConflictError(
                    f"{volume.label} in {definition.session.region} does not let {environment.label} in: "
                    + "; ".join(missing)
                    + ".",
                    resource=volume,
                    hint="Add that rule, or give the volume and the environment one security group.",
                )


def held_up_by(queue: JobQueue) -> str:
    """The state of a queue and its environments, in a sentence for a message."""
    parts: list[str] = []
    surroundings: tuple[JobQueue | ComputeEnvironment, ...] = (queue, *environments_of(queue))
    for resource in surroundings:
        try:
            seen = resource.describe()
        except NotFoundError:
            parts.append(f"{resource.label} does not exist")
        else:
            reason = f" ({seen.status_reason})" if seen.status_reason else ""
            parts.append(f"{resource.label} is {seen.state}, {seen.status}{reason}")
    return "; ".join(parts) + "."
