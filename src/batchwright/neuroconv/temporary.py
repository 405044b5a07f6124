"""The volume of a deployment: made for it and taken away after it, unless it was there before."""

from __future__ import annotations

from typing import Final

import attrs

from batchwright.errors import ConflictError, NotFoundError
from batchwright.neuroconv.found import seen_volume, shared_volume, volume_of
from batchwright.neuroconv.pipeline import Pipeline
from batchwright.notices import warn_caller
from batchwright.ownership import TEARDOWN_TAG
from batchwright.resources.efs_description import EfsVolumeDescription
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.state_machine_executions import RUNNING
from batchwright.resources.teardown_runs import SUCCEEDED

GOING_S: Final = 1800.0
"""Seconds that the volume of the run before may take to go: a look every five minutes, and EFS's own time."""


class KeptVolumeWarning(UserWarning):
    """A deployment's volume was there before, so it is not taken away with it."""


def volume_for(pipeline: Pipeline, number: int, queue: JobQueue) -> EfsVolume:
    """The volume for one run, declared temporary where the run's end takes it away.

    Args:
        pipeline: Whose volume.
        number: The number of the run.
        queue: Where its jobs wait.

    Raises:
        ConflictError: It is to go with other jobs.
        WaitTimeoutError: That of the run before did not go.
    """
    plain = pipeline.plain(number).volume
    if pipeline.conversion is None:
        return shared_volume(pipeline.session, plain.name, queue)
    seen = _after_earlier_runs(pipeline, number, plain)
    mark = None if seen is None else seen.tags.get(TEARDOWN_TAG)
    wanted = None if pipeline.keep_volume else pipeline.teardown_name(number)
    if seen is None or mark is not None:
        volume = volume_of(pipeline.session, plain.name, queue)
        return attrs.evolve(volume, retain=wanted is None, teardown=wanted)
    if wanted is not None:
        warn_caller(
            f"{plain.label} in {plain.session.region} was there before: it is used, and not taken away afterwards. "
            "keep_volume=True says that this is meant.",
            KeptVolumeWarning,
        )
    return volume_of(pipeline.session, plain.name, queue)


def _after_earlier_runs(pipeline: Pipeline, number: int, volume: EfsVolume) -> EfsVolumeDescription | None:
    """What there is of the volume, once what an earlier run is about to take away is gone."""
    while True:
        seen = seen_volume(volume)
        mark = None if seen is None or not volume.owned(seen) else seen.tags.get(TEARDOWN_TAG)
        if mark is None or mark == pipeline.teardown_name(number):
            return seen
        earlier = [each for each in range(1, number) if pipeline.teardown_name(each) == mark]
        if not earlier:
            raise _anothers(volume, mark)
        if _status(pipeline, earlier[0]) != RUNNING:
            return seen  # it failed to take it away
        pipeline.watch(earlier[0]).wait(timeout_s=GOING_S, check=False)


def _anothers(volume: EfsVolume, mark: str) -> ConflictError:
    return ConflictError(
        f"{volume.label} in {volume.session.region} is temporary, and goes with the end of other jobs: its tear-down "
        f"is {mark!r}.",
        resource=volume,
        hint="Take another efs_volume_name, or wait for the end of those jobs.",
    )


def is_gone(pipeline: Pipeline, number: int) -> bool:
    """Whether the tear-down of a run has done its work."""
    return _status(pipeline, number) == SUCCEEDED


def _status(pipeline: Pipeline, number: int) -> str | None:
    try:
        return pipeline.watch(number).describe().status
    except NotFoundError:
        return None
