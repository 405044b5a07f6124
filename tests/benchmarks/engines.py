"""How many jobs a second the engines of `batchwright.local` run, beside others that run jobs on one machine."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import docker

from semantics.bench import ENDED, Bench
from semantics.running import asking
from semantics.systems import available, containers_of, image_of_engine

Figures = dict[str, Any]
LOOK_S: Final = 0.2
PATIENCE_S: Final = 1200.0
SLOTS: Final = 64
"""The vCPUs of the environment, of which each job asks for one."""
OTHERS: Final = ("moto", "localbatch")


@attrs.frozen(kw_only=True)
class EngineSizes:
    """How many jobs.

    Attributes:
        processes: Children of the array on the process engine.
        containers: Jobs on each system that starts containers.
        bare: Processes and containers of a plain loop.
        rounds: How often those who start containers take turns; the fastest of each counts.
    """

    processes: int = 10_000
    containers: int = 200
    bare: int = 200
    rounds: int = 2


TINY_ENGINES: Final = EngineSizes(processes=20, containers=4, bare=2, rounds=1)


def measure_engines(sizes: EngineSizes, said: Callable[[str], object]) -> Figures:
    """Every figure of the engines that are here, one after the other."""
    said("engines: processes")
    found: Figures = {"processes": processes(sizes.processes), "bare processes": bare_processes(sizes.bare)}
    if refused := available("docker"):
        said(f"engines: no containers, {refused}")
        return found
    said("engines: a bare loop of containers")
    found["bare containers"] = bare_containers(sizes.bare)
    for turn in range(sizes.rounds):
        for name in ("docker", *OTHERS):
            if refused := available(name):
                said(f"engines: without {name}, {refused}")
                continue
            said(f"engines: containers of {name}, {turn + 1} of {sizes.rounds}")
            told = containers(name, sizes.containers)
            found[name] = _together(found.get(name, told), told)
    return found


def _together(one: Figures, other: Figures) -> Figures:
    """The faster of two rounds, with what went wrong in either."""
    worst = {"succeeded": min(one["succeeded"], other["succeeded"]), "left": max(one["left"], other["left"])}
    return {**min(one, other, key=lambda told: float(told["wall_s"])), **worst}


def processes(count: int) -> Figures:
    """An array of `true` on the process engine."""
    with asking("process") as asked, watched(server_of()) as peak:
        bench = Bench(asked.system, asked.account)
        queue, definition = bench.queue(max_vcpus=SLOTS), bench.definition(["true"])
        began = time.perf_counter()
        parent = bench.submit(queue=queue, definition=definition, arrayProperties={"size": count})
        ended = bench.waited(lambda: bench.look(parent), lambda job: job["status"] in ENDED, within_s=PATIENCE_S)
        wall_s = time.perf_counter() - began
        summary = ended["arrayProperties"]["statusSummary"]
        return {"count": count, "wall_s": wall_s, "succeeded": summary["SUCCEEDED"], **peak}


def bare_processes(count: int) -> Figures:
    """The same program, started by a plain loop, one after the other."""
    began = time.perf_counter()
    for _ in range(count):
        subprocess.run(["true"], check=True)
    return {"count": count, "wall_s": time.perf_counter() - began, "succeeded": count}


def containers(name: str, count: int) -> Figures:
    """Single jobs of `true`, all submitted at once, on a system that starts containers."""
    with asking(name) as asked, watched(server_of()) as peak:
        bench = Bench(asked.system, asked.account)
        queue, definition = bench.queue(max_vcpus=SLOTS), bench.definition(["true"])
        began = time.perf_counter()
        jobs = [bench.submit(queue=queue, definition=definition) for _ in range(count)]
        statuses = _all_ended(bench, jobs)
        wall_s = time.perf_counter() - began
        left = left_behind(set(jobs))
        return {"count": count, "wall_s": wall_s, "succeeded": statuses.count("SUCCEEDED"), "left": left, **peak}


def bare_containers(count: int) -> Figures:
    """The same containers, started by a plain loop, one after the other."""
    client, image = docker.from_env(), image_of_engine()
    try:
        began = time.perf_counter()
        for _ in range(count):
            client.containers.run(image, ["true"], network_mode="host", remove=True)
        return {"count": count, "wall_s": time.perf_counter() - began, "succeeded": count}
    finally:
        client.close()


def left_behind(jobs: set[str]) -> int:
    """How many containers of these jobs there still are, once those that are just being removed are gone."""
    for _ in range(10):
        left = len(list(containers_of(jobs)))
        if not left:
            break
        threading.Event().wait(LOOK_S)
    return left


def _all_ended(bench: Bench, jobs: list[str]) -> list[str]:
    """The states of all jobs once they have ended; one that has ended is not asked for again."""
    found: dict[str, str] = {}
    ends_at = time.monotonic() + PATIENCE_S
    while len(found) < len(jobs) and time.monotonic() < ends_at:
        left = [job for job in jobs if job not in found]
        for job in bench.batch.describe_jobs(jobs=left[:100])["jobs"]:
            if job["status"] in ENDED:
                found[job["jobId"]] = job["status"]
        threading.Event().wait(LOOK_S)
    return list(found.values())


def server_of() -> int:
    """The process that was started last by this one: the server."""
    pid, started = 0, -1
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid() and int(fields[19]) > started:
                pid, started = int(entry.name), int(fields[19])
    return pid


def _threads_and_memory(pid: int) -> tuple[int, int]:
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    told = {line.partition(":")[0]: line.partition(":")[2].split() for line in lines}
    return int(told["Threads"][0]), int(told["VmRSS"][0]) * 1024


@contextmanager
def watched(pid: int) -> Iterator[Figures]:
    """The most threads and memory of a process while the block lasts, filled in as it goes."""
    threads, before = _threads_and_memory(pid)
    peak: Figures = {"threads": threads, "resident_bytes": before, "before_bytes": before}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            with contextlib.suppress(OSError):
                threads, resident = _threads_and_memory(pid)
                peak["threads"] = max(peak["threads"], threads)
                peak["resident_bytes"] = max(peak["resident_bytes"], resident)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield peak
    finally:
        over.set()
        watching.join()
