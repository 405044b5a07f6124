"""What stands around a job under NeuroConv's names: used as it is where somebody else made it, declared otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from batchwright.declaration import Declaration, resource
from batchwright.errors import NoRegionError, NotFoundError
from batchwright.lifecycle import Resource
from batchwright.notices import warn_caller
from batchwright.outcome import Resolved
from batchwright.ownership import TEARDOWN_TAG
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_volume import EfsVolume, EfsVolumeDescription
from batchwright.resources.job_queue import JobQueue
from batchwright.session import BatchSession

NAMESPACE: Final = "neuroconv"
DEFAULT_REGION: Final = "us-east-2"


def session_in(region: str | None) -> BatchSession:
    """A session in `region`; by default boto3's own configuration, then us-east-2."""
    session = BatchSession(NAMESPACE, region=region)
    try:
        session.region  # noqa: B018  # asks boto3's configuration
    except NoRegionError:
        return BatchSession(NAMESPACE, region=DEFAULT_REGION)
    return session


def queue_of(session: BatchSession, name: str, environment_name: str) -> JobQueue:
    """The queue: found and used as it is if somebody else made it, declared otherwise."""
    environment = session.compute_environment(name=environment_name)
    if foreign(environment):
        environment = FoundComputeEnvironment(
            session,
            name=environment_name,
            network=environment.network,
            security_groups=environment.security_groups,
            instance_profile=environment.instance_profile,
        )
    queue = session.job_queue(name=name, compute_environments=environment)
    return FoundJobQueue(session, name=name, compute_environments=environment) if foreign(queue) else queue


def volume_of(session: BatchSession, name: str, queue: JobQueue) -> EfsVolume:
    """The volume: used as it is if somebody else made it; a new one lets in the environments that were found."""
    volume = session.efs_volume(name=name)
    seen = seen_volume(volume)
    if seen is not None and not volume.owned(seen):
        return FoundEfsVolume(session, name=name, network=volume.network, security_groups=volume.security_groups)
    if seen is not None and (mark := seen.tags.get(TEARDOWN_TAG)):
        # It stays another deployment's to take away.
        volume = attrs.evolve(volume, retain=False, teardown=mark)
    found = [each for each in queue.compute_environments if isinstance(each, FoundComputeEnvironment)]
    groups = tuple(group for each in found for group in each.describe().security_group_ids)
    return attrs.evolve(volume, security_groups=groups) if groups else volume


def shared_volume(session: BatchSession, name: str, queue: JobQueue) -> EfsVolume:
    """`volume_of` for a job that no tear-down waits for; warns if the volume may go while that job runs."""
    volume = volume_of(session, name, queue)
    if volume.teardown:
        warn_caller(
            f"{volume.label} in {session.region} is temporary: it goes with the end of other jobs (tear-down "
            f"{volume.teardown!r}), even while this one still needs it. Deploy with keep_volume=True to keep it.",
            UserWarning,
        )
    return volume


def seen_volume(volume: EfsVolume) -> EfsVolumeDescription | None:
    """What is there of it; None also for one that is on its way out."""
    try:
        seen = volume.describe()
    except NotFoundError:
        return None
    return None if seen.life_cycle_state in volume.states.deleting else seen


def foreign(resource: Resource[Any]) -> bool:
    """Whether it is there and somebody else made it."""
    try:
        return not resource.owned(resource.describe())
    except NotFoundError:
        return False


@resource(kw_only=True)
class FoundComputeEnvironment(ComputeEnvironment):
    """An environment that somebody else made, used as it is: nothing of what we would make it from is needed."""

    kind: ClassVar[str] = ComputeEnvironment.kind

    def dependencies(self) -> tuple[Declaration, ...]:
        """None: it is there already."""
        return ()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}


@resource(kw_only=True)
class FoundJobQueue(JobQueue):
    """A queue that somebody else made, used as it is."""

    kind: ClassVar[str] = JobQueue.kind

    def dependencies(self) -> tuple[Declaration, ...]:
        """None: it is there already."""
        return ()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}


@resource(kw_only=True)
class FoundEfsVolume(EfsVolume):
    """A volume that somebody else made, used as it is."""

    kind: ClassVar[str] = EfsVolume.kind

    def dependencies(self) -> tuple[Declaration, ...]:
        """None: it is there already."""
        return ()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}
