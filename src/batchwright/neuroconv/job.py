"""A job that is known in the tracker as NeuroConv's own functions would have it."""

from __future__ import annotations

import hashlib
import uuid
from typing import ClassVar

from batchwright.declaration import resource
from batchwright.jobs.ledger import Ledger
from batchwright.neuroconv.answers import SUBMITTED
from batchwright.resources.batch_job import BatchJob


@resource(kw_only=True)
class NeuroConvJob(BatchJob):
    """A job whose submission ids look like NeuroConv's, and whose rows have its word for submitted jobs.

    The ids are counted, not random: of two calls with one name only one gets the next, also before AWS lists its job.
    """

    kind: ClassVar[str] = BatchJob.kind

    def default_submission_id(self, run: int) -> str:
        """A UUID4 made of the names and the run."""
        known_by = f"{self.session.namespace}/{self.required_queue.name}/{self.name}/{run}"
        return str(uuid.UUID(bytes=hashlib.sha256(known_by.encode()).digest()[:16], version=4))

    @property
    def _ledger(self) -> Ledger | None:
        return Ledger(self.session, self.tracker.name, submitted_status=SUBMITTED) if self.tracker else None
