"""What lies around a job: whether it and its volumes fit where it is to run."""

from __future__ import annotations

from typing import Final

from batchwright.errors import ConflictError
from batchwright.graph import held
from batchwright.outcome import Resolved
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_volume import EfsVolume, lets_in
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue

PLATFORM_OF: Final = {"EC2": "EC2", "SPOT": "EC2", "UNMANAGED": "EC2", "FARGATE": "FARGATE", "FARGATE_SPOT": "FARGATE"}
"""By the type of an environment, which definitions it runs; of a type that AWS added since nobody here knows."""


def environments_of(queue: JobQueue) -> tuple[ComputeEnvironment, ...]:
    """The compute environments of a queue, in order."""
    return queue.compute_environments


def check_surroundings(definition: JobDefinition, queue: JobQueue, resolved: Resolved) -> None:
    """Refuse a job that its queue cannot run, or whose volumes do not let its environments in.

    Raises:
        ConflictError: It names what does not fit, or the rule to add.
    """
    _check_platform(definition, queue, resolved)
    _check_mounts(definition, queue, resolved)


def _check_platform(definition: JobDefinition, queue: JobQueue, resolved: Resolved) -> None:
    """AWS would refuse the job, in words that name neither; what is not known already is not asked for."""
    known = [resolved[environment] for environment in environments_of(queue) if environment in resolved]
    types = {environment.arn: environment.type for environment in known}
    offered = {PLATFORM_OF.get(types.get(arn, "")) for arn in resolved[queue].compute_environment_arns}
    wanted = resolved[definition].platform_capabilities
    if not wanted or not offered or None in offered or offered.intersection(wanted):
        return
    has = " and ".join(sorted(filter(None, offered)))
    raise ConflictError(
        f"{definition.label} is for {' or '.join(wanted)}, and {queue.label} in {definition.session.region} has "
        f"environments of {has} only.",
        resource=definition,
        hint=f"Submit it to another queue, or declare the definition with platform={has!r}.",
    )


def _check_mounts(definition: JobDefinition, queue: JobQueue, resolved: Resolved) -> None:
    """Such a job would hang in STARTING and fail."""
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
