"""A transfer, and maybe a conversion after it, as declarations: what each run of them is, and nothing of it in AWS."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, cast

import attrs

from batchwright.neuroconv.config_secret import config_secret, transfer_role
from batchwright.neuroconv.containers import CONFIG_VARIABLE, MOUNT_PATH
from batchwright.neuroconv.inputs import RcloneConfig
from batchwright.neuroconv.job import ATTEMPT_TIMEOUT_S, NeuroConvJob, counted_id, definition_name
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.status_tracker import StatusTracker
from batchwright.resources.stored_secret import StoredSecret
from batchwright.resources.teardown import Teardown
from batchwright.session import BatchSession
from batchwright.values import Secret

JOB_ROLE: Final = "neuroconv_batch_role"
READABLE: Final = 40
"""Characters of a job's name that the name of its tear-down begins with."""
HASH_DIGITS: Final = 12


@attrs.frozen(kw_only=True)
class Work:
    """What one of the jobs is to run."""

    job_name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = attrs.field(repr=False)
    secrets: Mapping[str, Secret | str] = {}  # never written to
    memory_gib: int
    vcpus: int
    definition_name: str | None = None
    submission_id: str | None = None


@attrs.frozen(kw_only=True)
class Around:
    """What the jobs of a run have around them, as far as it is known."""

    queue: JobQueue
    volume: EfsVolume
    file_system_id: str | None = None


@attrs.frozen(kw_only=True)
class Run:
    """One run: its jobs in order, what they have around them, and the secret that only they need."""

    number: int
    around: Around
    jobs: tuple[NeuroConvJob, ...]
    secret: StoredSecret | None

    @property
    def last(self) -> NeuroConvJob:
        """The job after whose end nothing is needed any more."""
        return self.jobs[-1]


@attrs.frozen(kw_only=True, slots=False)
class Pipeline:
    """What the caller asked for, which is the same in each run."""

    session: BatchSession
    transfer: Work
    conversion: Work | None = None
    config: RcloneConfig
    volume_name: str | None
    keep_volume: bool = True
    table_name: str
    environment_name: str
    queue_name: str

    @cached_property
    def tracker(self) -> StatusTracker:
        """The table of its submissions."""
        return self.session.status_tracker(name=self.table_name)

    def plain(self, number: int) -> Around:
        """Queue and volume as they would be made; nobody is asked whether others are there."""
        environment = self.session.compute_environment(name=self.environment_name)
        queue = self.session.job_queue(name=self.queue_name, compute_environments=environment)
        # Counted as the runs are, so that the same call finds the same volume.
        name = self.volume_name or f"neuroconv_batch_efs_volume_{self._known_by(number)[:8]}"
        return Around(queue=queue, volume=self.session.efs_volume(name=name))

    def run(self, number: int, around: Around | None = None) -> Run:
        """The declarations of one run; names and sizes that AWS would refuse are refused here."""
        around = around or self.plain(number)
        known_by = f"{self.table_name}\n{self._submission_id(self.transfer, number)}"
        secret = config_secret(self.session, self.config, known_by=known_by)
        of_secret = {"secrets": {CONFIG_VARIABLE: secret}, "execution_role": transfer_role(self.session)}
        transfer = self._job(self.transfer, number, around, (), of_secret if secret else {})
        if self.conversion is None:
            return Run(number=number, around=around, jobs=(transfer,), secret=secret)
        conversion = self._job(self.conversion, number, around, (transfer,), {"secrets": self.conversion.secrets})
        return Run(number=number, around=around, jobs=(transfer, conversion), secret=secret)

    def teardown_name(self, number: int) -> str:
        """The name of the tear-down of one run, which no other run of any other jobs has."""
        last = self.conversion or self.transfer
        return f"{last.job_name[:READABLE]}-{self._known_by(number)[:HASH_DIGITS]}"

    def teardown(self, run: Run) -> Teardown | None:
        """What takes away the secret, and the volume if it is for this run only; None where that is nothing."""
        name, volume = self.teardown_name(run.number), run.around.volume
        secrets = () if run.secret is None else (run.secret,)
        temporary = volume if volume.teardown == name else None
        if temporary is None and not secrets:
            return None
        return self.session.teardown(name=name, after=run.jobs, volume=temporary, secrets=secrets)

    def watch(self, number: int) -> Teardown:
        """The tear-down of one run, to look at, whatever it takes away."""
        name = self.teardown_name(number)
        volume = attrs.evolve(self.plain(number).volume, retain=False, teardown=name)
        return self.session.teardown(name=name, after=self.run(number).jobs, volume=volume)

    @property
    def is_counted(self) -> bool:
        """Whether its submissions are known by their number, and not by an id that the caller gives."""
        return self.transfer.submission_id is None

    def _known_by(self, number: int) -> str:
        text = f"{self.table_name}\n{self._submission_id(self.conversion or self.transfer, number)}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _submission_id(self, work: Work, number: int) -> str:
        counted = counted_id(self.session, queue=self.queue_name, job_name=work.job_name, run=number)
        return work.submission_id or counted

    def _job(
        self, work: Work, number: int, around: Around, after: tuple[NeuroConvJob, ...], more: Mapping[str, object]
    ) -> NeuroConvJob:
        return NeuroConvJob(
            self.session,
            name=work.job_name,
            definition=self._definition(work, around, more),
            queue=around.queue,
            tracker=self.tracker,
            depends_on=after,
            run=1 if work.submission_id else number,
            submission_id=work.submission_id,
        )

    def _definition(self, work: Work, around: Around, more: Mapping[str, object]) -> JobDefinition:
        # Command and variables too: a container does not start if more than 8192 characters differ from its definition.
        name = definition_name(
            self.session,
            image=work.image,
            memory_gib=work.memory_gib,
            vcpus=work.vcpus,
            file_system_id=around.file_system_id,
        )
        return self.session.job_definition(
            name=work.definition_name or name,
            image=work.image,
            command=work.command,
            environment=work.environment,
            vcpus=work.vcpus,
            memory_gib=work.memory_gib,
            volumes={MOUNT_PATH: around.volume},
            job_role=self.session.iam_role(name=JOB_ROLE, access_to=(self.tracker,)),
            timeout_s=ATTEMPT_TIMEOUT_S,
            **cast("Any", more),
        )
