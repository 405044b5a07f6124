"""What became of one job of many."""

from __future__ import annotations

import attrs

from batchwright._display import Displayed, Fact, Text, Tone, View
from batchwright.errors import BatchwrightError
from batchwright.resources.batch_job import BatchJob


@attrs.frozen(kw_only=True)
class SubmitResult(Displayed):
    """One job of `submit_many`: its id, or the error.

    Attributes:
        job: The job as it was given.
        job_id: AWS's id of it; None where there is an error.
        created: Whether this call submitted it; false for what it found.
        error: What `job.ensure()` would have raised.
    """

    job: BatchJob
    job_id: str | None = None
    created: bool = False
    error: BatchwrightError | None = None

    def _view(self) -> View:
        if self.error is not None:
            return View(title=self.job.label, status=Text("not submitted", Tone.BAD), parts=[self.error._view()])
        facts = [Fact("job_id", str(self.job_id)), Fact("submission_id", self.job.submission_id)]
        return View(title=self.job.label, status=Text("submitted" if self.created else "found", Tone.GOOD), facts=facts)

    @property
    def ok(self) -> bool:
        """Whether the job is submitted."""
        return self.error is None

    def require(self) -> BatchJob:
        """The job, if it is submitted.

        Raises:
            BatchwrightError: `error`, if there is one.
        """
        if self.error is not None:
            raise self.error
        return self.job
