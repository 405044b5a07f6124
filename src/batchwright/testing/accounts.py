"""The account that a test runs on: within the process, or served by a process of its own."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import TYPE_CHECKING

import boto3

from batchwright._clock import Clock, SystemClock
from batchwright.errors import ConfigurationError
from batchwright.local import Fault, FaultCount, InProcessAws, LocalServer
from batchwright.local.server_clock import ServerClock
from batchwright.session import BatchSession
from batchwright.testing.job_scripts import JobScript, ScriptedJobs
from batchwright.testing.settings import WHY_NOT, BatchSettings, delays_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class BatchAws(ABC):
    """The account of a test, empty at first: more sessions on it, its time, its faults, and how its jobs go.

    Attributes:
        settings: What it is like.
    """

    def __init__(self, settings: BatchSettings) -> None:
        self.settings = settings
        self._closing = ExitStack()

    def session(self, namespace: str | None = None, *, region: str | None = None) -> BatchSession:
        """Return another session on this account; it is closed when the test ends.

        Args:
            namespace: Its namespace; by default that of the settings.
            region: Its region; by default that of the settings.
        """
        connection, clock = self.boto3_session(region), self.clock()
        made = BatchSession(namespace or self.settings.namespace, boto3_session=connection, clock=clock)
        return self._closing.enter_context(made)

    @abstractmethod
    def boto3_session(self, region: str | None = None) -> boto3.Session:
        """Return a boto3 session whose every client, of whatever service, talks to this account."""

    @abstractmethod
    def clock(self) -> Clock:
        """Return the time that sessions on this account wait by."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Return the variables by which code that asks for no session is led to this account."""

    @abstractmethod
    def now(self) -> float:
        """Return the account's time in epoch seconds."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Move the account's time, and so all that waits for it."""

    @abstractmethod
    def inject(self, *faults: Fault) -> None:
        """Let these go wrong from now on, after those that there are."""

    @abstractmethod
    def clear_faults(self) -> None:
        """Let nothing go wrong any more, and forget the counts."""

    @abstractmethod
    def fault_counts(self) -> tuple[FaultCount, ...]:
        """Return how often each fault has acted, in the order in which they were added."""

    def script(self, job: str, *attempts: JobScript, index: int | None = None) -> None:
        """Say how jobs go that only pretend to run, for those that start from now on.

        Args:
            job: The job's name, or a pattern such as `convert-*`; of several scripts that fit, the last one counts.
            attempts: How each attempt goes, the last one also if there are more; by default it succeeds.
            index: Which child of an array; by default all.

        Raises:
            ConfigurationError: The engine runs the jobs' own commands.
        """
        raise ConfigurationError(f"there is no script for '{job}' with engine='{self.settings.engine}', {WHY_NOT}")

    @property
    def calls(self) -> list[tuple[str, str]]:
        """(service, operation) of every request sent: ("batch", "SubmitJob"); with the engine `scripted` only."""
        raise ConfigurationError(
            f"engine='{self.settings.engine}' does not remember calls: the account is another process",
            hint="Use engine='scripted', or count with a fault: inject(Fault.delay(0, operation=...)), fault_counts().",
        )

    def close(self) -> None:
        """Close the sessions, and leave nothing behind."""
        self._closing.close()


class AccountHere(BatchAws):
    """An account in this process, where no time passes but what sessions sleep."""

    def __init__(self, settings: BatchSettings) -> None:
        super().__init__(settings)
        clock = ServerClock(frozen_at=float(int(time.time())))
        self._jobs = ScriptedJobs(clock)
        self.aws = InProcessAws(engine=self._jobs, delays=delays_of(settings), clock=clock, faults=settings.faults)
        self._closing.callback(self.aws.close)
        for pattern, attempts in settings.jobs.items():
            self.script(pattern, *attempts)

    def boto3_session(self, region: str | None = None) -> boto3.Session:
        """Return a boto3 session on this account."""
        return self.aws.boto3_session(region or self.settings.region)

    def clock(self) -> Clock:
        """Return a clock by which to wait is to move the time."""
        return self.aws.session_clock()

    def environment(self) -> Mapping[str, str]:
        """Return a region and keys that are good for nothing: there is no socket to lead to."""
        region = self.settings.region
        return {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
        }

    def now(self) -> float:
        """Return the account's time."""
        return self.aws.clock.now()

    def advance(self, seconds: float) -> None:
        """Move the time, and every job as far as that allows."""
        self.aws.advance(seconds)

    def inject(self, *faults: Fault) -> None:
        """Add faults."""
        self.aws.faults.add(*faults)

    def clear_faults(self) -> None:
        """Take all faults away."""
        self.aws.faults.clear()

    def fault_counts(self) -> tuple[FaultCount, ...]:
        """Return the counts."""
        return tuple(self.aws.faults.counts())

    def script(self, job: str, *attempts: JobScript, index: int | None = None) -> None:
        """Add a script."""
        self._jobs.script(job, *attempts, index=index)

    @property
    def calls(self) -> list[tuple[str, str]]:
        """The requests that were sent."""
        return self.aws.calls


class ServedAccount(BatchAws):
    """An account that a `LocalServer` serves; the server stays for the next test, and is emptied for it."""

    def __init__(self, settings: BatchSettings, server: LocalServer) -> None:
        super().__init__(settings)
        self.server = server
        self._closing.callback(self._empty)
        if settings.faults:
            server.inject(*settings.faults)

    def _empty(self) -> None:
        self.server.clear_faults()
        self.server.reset()
        self.server.set_time(time.time())

    def boto3_session(self, region: str | None = None) -> boto3.Session:
        """Return a boto3 session on this account."""
        return self.server.boto3_session(region)

    def clock(self) -> Clock:
        """Return this machine's clock: real jobs take real time."""
        return SystemClock()

    def environment(self) -> Mapping[str, str]:
        """Return the server's address and keys."""
        return self.server.environment()

    def now(self) -> float:
        """Return the server's time."""
        return self.server.now()

    def advance(self, seconds: float) -> None:
        """Move the server's time; that of jobs' own processes goes on as before."""
        self.server.advance(seconds)

    def inject(self, *faults: Fault) -> None:
        """Add faults."""
        self.server.inject(*faults)

    def clear_faults(self) -> None:
        """Take all faults away."""
        self.server.clear_faults()

    def fault_counts(self) -> tuple[FaultCount, ...]:
        """Return the counts."""
        return self.server.fault_counts()


class Accounts:
    """Opens the accounts of a run of tests, and keeps the servers of those that need one."""

    def __init__(self) -> None:
        self._servers: dict[tuple[object, ...], LocalServer] = {}

    def open(self, settings: BatchSettings) -> BatchAws:
        """Return an empty account."""
        if not settings.is_served:
            return AccountHere(settings)
        return ServedAccount(settings, self._server(settings))

    def drop(self, account: BatchAws) -> None:
        """End the server of an account that could not be emptied."""
        for key, server in list(self._servers.items()):
            if isinstance(account, ServedAccount) and server is account.server:
                del self._servers[key]
                server.close()

    def close(self) -> None:
        """End all servers."""
        while self._servers:
            self._servers.popitem()[1].close()

    def _server(self, settings: BatchSettings) -> LocalServer:
        delays = delays_of(settings)
        key = (settings.engine, delays, settings.region)
        if key not in self._servers:
            server = LocalServer(engine=settings.engine, delays=delays, region=settings.region)
            self._servers[key] = server.start()
        return self._servers[key]
