"""A job that is known in the tracker as NeuroConv's own functions would have it, and the name of its definition."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import ClassVar, Final

from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.jobs.ledger import Ledger
from batchwright.neuroconv.answers import SUBMITTED
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.definition_names import seed_definition_name

ATTEMPT_TIMEOUT_S: Final = 86_400


@resource(kw_only=True)
class NeuroConvJob(BatchJob):
    """A job whose submission ids look like NeuroConv's, and whose rows have its word for submitted jobs.

    The ids are counted, not random: of two calls with one name only one gets the next, also before AWS lists its job.
    """

    kind: ClassVar[str] = BatchJob.kind

    def default_submission_id(self, run: int) -> str:
        """A UUID4 made of the names and the run."""
        return counted_id(self.session, queue=self.required_queue.name, job_name=self.name, run=run)

    @property
    def _ledger(self) -> Ledger | None:
        return Ledger(self.session, self.tracker.name, submitted_status=SUBMITTED) if self.tracker else None


def counted_id(session: Connection, *, queue: str, job_name: str, run: int) -> str:
    """What a run of a job of this name in this queue is known by."""
    known_by = f"{session.namespace}/{queue}/{job_name}/{run}"
    return str(uuid.UUID(bytes=hashlib.sha256(known_by.encode()).digest()[:16], version=4))


def definition_name(session: Connection, *, image: str, memory_gib: int, vcpus: int, file_system_id: str | None) -> str:
    """The name of a definition that was given none, with today's date where the image moves."""
    return seed_definition_name(
        docker_image=image,
        minimum_worker_ram_in_gib=memory_gib,
        minimum_worker_cpus=vcpus,
        efs_id=file_system_id,
        date=dt.datetime.fromtimestamp(session.clock.now()).astimezone().date(),
    )
