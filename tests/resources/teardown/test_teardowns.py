"""What a tear-down does, whatever becomes of the jobs, with nobody on line."""

import pytest

from batchwright import BatchSession, Teardown
from batchwright.testing import ResourceContract


class TestTeardown(ResourceContract):
    """A tear-down keeps the contract of all resources."""

    def declare(self, session: BatchSession) -> Teardown:
        volume = session.efs_volume(name="scratch", retain=False, teardown="sub-01")
        definition = session.job_definition(name="convert", image="busybox:1.36", volumes={"/mnt/efs": volume})
        job = session.batch_job(name="sub-01", definition=definition, command=["true"])
        return session.teardown(name="sub-01", after=job, volume=volume)
