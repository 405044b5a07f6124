"""The `docker` engine: a job's image, in a container of a Docker-compatible engine on this machine."""

import contextlib
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from batchwright.local.docker import guarding
from batchwright.local.docker.api import Body, DockerApi, EngineGoneError, EngineRefusedError
from batchwright.local.docker.body import Frame, container_body, platform_of
from batchwright.local.docker.images import Images
from batchwright.local.docker.network import Network
from batchwright.local.docker.orphans import end_processes_of
from batchwright.local.docker.output import LineWriter
from batchwright.local.docker.reach import Reached
from batchwright.local.docker.run import DockerRun, Plan
from batchwright.local.docker.sweeping import remove_tree
from batchwright.local.engines import LogSink, Run
from batchwright.local.mounts import mounts_of
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.local.volumes import VolumeStore

logger = logging.getLogger(__name__)

LABEL = "batchwright.local"
"""The label of all containers; its value is one engine's own."""

MOST_RUNS = 128
"""How many containers there may be at a time, whatever the queues allow: each takes its share of memory."""

_CLOSE_S = 15.0
_DELIVERERS = 16
_TRIED = 5
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_JOB_NAME = 64


class DockerEngine:
    """Runs each attempt in a container of its own, which goes when it ends, whatever ends it.

    Args:
        reached: The engine, which answers.
        volumes: Where EFS file systems are.
        clock: Tells the time of log lines.
        temporary: A directory that goes with the engine, whoever owns the files in it; None leaves all there are.
    """

    def __init__(
        self, reached: Reached, volumes: VolumeStore, *, clock: ServerClock, temporary: Path | None = None
    ) -> None:
        self.api: DockerApi = reached.api
        self.network: Network = reached.network
        self.architecture: str = reached.architecture
        self._labels = {LABEL: secrets.token_hex(8)}
        self.label = f"{LABEL}={self._labels[LABEL]}"
        self._most_cpus = reached.most_cpus
        self._volumes = volumes
        self._temporary = temporary
        self._seen: dict[str, None] = {}  # the images that jobs mounted volumes in, the last ones last
        self._clock = clock
        self._images = Images(self.api)
        self._lock = threading.Lock()
        self._runs: list[DockerRun] = []
        self._left: list[tuple[str, Mapping[str, Any]]] = []  # what could not be removed yet
        self._deliverers = ThreadPoolExecutor(_DELIVERERS, thread_name_prefix="batchwright-docker")
        self._guard = guarding.started(reached.base_url, reached.tls, self.label)

    @property
    def name(self) -> str:
        """The engine's name as users choose it."""
        return "docker"

    @property
    def most_runs(self) -> int:
        """How many runs there may be at a time."""
        return MOST_RUNS

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        """Start the job's container in a thread that also reads its lines; failures are the run's outcome."""
        stream = job.log_stream or job.id
        lines = LineWriter(partial(log.write, stream), now_ms=self._clock.now_ms, monotonic=time.monotonic)
        run = DockerRun(self, self._plan(job, attempt_no, dict(environment)), lines)
        with self._lock:
            self._runs = [kept for kept in self._runs if kept.poll() is None]
            self._runs.append(run)
        return run

    def close(self) -> None:
        """Kill and remove what runs; what does not obey in time is left to the guard."""
        with self._lock:
            runs, self._runs = self._runs, []
        for run in runs:
            run.kill()
        until = time.monotonic() + _CLOSE_S
        for run in runs:
            run.join(max(0.0, until - time.monotonic()))
        self._deliverers.shutdown(wait=False, cancel_futures=True)
        if self._temporary is not None:
            remove_tree(self.api, self._temporary, list(self._seen)[-_TRIED:], self._labels)
        is_all_gone = not self._left and all(run.poll() is not None for run in runs)
        guarding.ended(self._guard, is_all_gone=is_all_gone)
        self.api.close()

    def image_architecture(self, name: str, platform: str | None, is_stopped: Callable[[], bool]) -> str:
        """Return what processors the image is for, once it is there; see `Images.ready`."""
        return self._images.ready(name, platform, is_stopped)

    def deliver(self, task: Callable[[], None]) -> None:
        """Have something done soon, by a thread that may wait for the engine."""

        def safely() -> None:
            with contextlib.suppress(EngineGoneError, EngineRefusedError):  # its run notices for itself
                task()

        with contextlib.suppress(RuntimeError):  # closed: the guard removes all that there is
            self._deliverers.submit(safely)

    def removed(self, container_id: str, body: Mapping[str, Any]) -> None:
        """Remove a container and its volumes, with what could not be removed before; what cannot be is kept in mind."""
        with self._lock:
            wanted, self._left = [*self._left, (container_id, body)], []
        for each in wanted:
            try:
                self._remove(*each)
            except EngineGoneError:
                end_processes_of(each[0])
                self._leave(each)
            except EngineRefusedError as refused:
                logger.warning("The Docker engine does not remove container %s yet: %s", each[0][:12], refused)
                self._leave(each)

    def _leave(self, each: tuple[str, Mapping[str, Any]]) -> None:
        with self._lock:
            self._left.append(each)

    def _remove(self, container_id: str, body: Mapping[str, Any]) -> None:
        self.api.remove(container_id)
        for mount in body["HostConfig"]["Mounts"]:
            if mount["Type"] == "volume":
                self.api.remove_volume(mount["Source"])

    def _plan(self, job: Job, attempt_no: int, environment: Mapping[str, str]) -> Plan:
        container: Mapping[str, Any] = dict(job.container)
        plain = _NOT_IN_NAMES.sub("-", job.name)[:_LONGEST_JOB_NAME]
        name = f"batchwright-{plain}-{attempt_no}-{secrets.token_hex(4)}"

        image = str(container.get("image") or "")

        def body() -> Body:
            mounts = mounts_of(container, self._volumes, None)
            if mounts:
                self._seen[image] = self._seen.pop(image, None)
            frame = Frame(
                image=image,
                environment=environment,
                labels={**self._labels, f"{LABEL}.job": job.id},
                mounts=mounts,
                name=name,
                network=self.network,
                most_cpus=self._most_cpus,
            )
            return container_body(container, frame)

        return Plan(name=name, image=image, platform=platform_of(container), body=body)
