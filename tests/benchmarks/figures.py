"""Running every benchmark; what comes back is plain figures."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs

from benchmarks.importing import imports
from benchmarks.server import Server, measured, running
from benchmarks.waiting import LOOKS

QUOTA_PER_S: Final = 50.0
LATENCY_S: Final = 0.05
STRICT_S: Final = 0.1
"""What a stricter AWS might save up of the quota, in seconds of it."""
NEIGHBOUR: Final = (10.0, 3.0, 8.0)
"""Somebody else asks for 10 of the 50 a second, from the third second to the eighth."""
Figures = dict[str, Any]


@attrs.frozen(kw_only=True)
class Sizes:
    """How much of everything.

    Attributes:
        calls: Jobs over which requests are counted.
        many: Jobs of one `submit_many`.
        bare: Jobs of a plain loop under latency.
        older: Jobs of the older function.
        pairs: How often the two that are compared are run in turn.
        cpu: Jobs of one such run.
        waited: Numbers of jobs that are waited for.
        traced: The largest of them for which every allocation is traced, which takes ten times as long.
        listed: How many jobs are listed.
        imports: Fresh processes for each import.
    """

    calls: int = 10
    many: int = 1000
    bare: int = 200
    older: int = 20
    pairs: int = 5
    cpu: int = 200
    waited: tuple[int, ...] = (1_000, 10_000, 100_000)
    traced: int = 10_000
    listed: int = 10_000
    imports: int = 15


TINY: Final = Sizes(calls=2, many=30, bare=5, older=2, pairs=1, cpu=10, waited=(250,), listed=1_500, imports=1)


def measure(sizes: Sizes, said: Callable[[str], object], only: str | None = None) -> Figures:
    """Every figure, or those of one benchmark.

    Args:
        sizes: How much of everything.
        said: Told what is measured now.
        only: The name of one benchmark.
    """
    found: Figures = {}
    with running() as server, tempfile.TemporaryDirectory() as scratch:
        bench = _Bench(server, str(Path(scratch) / "world"), sizes)
        measured("world", bench.world)
        for name, work in bench.all().items():
            if only in (None, name):
                said(name)
                found[name] = work()
    return found


@attrs.frozen
class _Bench:
    """The benchmarks, by name."""

    server: Server
    world: str
    sizes: Sizes

    def all(self) -> dict[str, Callable[[], Figures]]:
        """In the order of the table."""
        return {
            "calls": self.calls,
            "many": self.many,
            "neighbour": self.with_neighbour,
            "cpu": self.cpu,
            "ensure": self.ensure,
            "waiting": self.waiting,
            "listing": self.listing,
            "imports": lambda: dict(imports(self.sizes.imports)),
        }

    def _loop(self, who: str, count: int, *, volume: bool = False, **options: object) -> Figures:
        self.server.reset(**options)
        return measured("one-at-a-time", who, self.server.url, self.world, count, "volume" if volume else "")

    def _many(self, count: int, **options: object) -> Figures:
        self.server.reset(**options)
        return measured("many", self.server.url, self.world, count)

    def calls(self) -> Figures:
        """Requests of a warm submission."""
        found: Figures = {}
        for who in ("bare", "older", "ours"):
            for volume in (False, True):
                told = self._loop(who, self.sizes.calls, volume=volume)
                found[f"{who} with a volume" if volume else who] = sum(told["calls"].values()) / self.sizes.calls
        return found

    def many(self) -> Figures:
        """Many jobs against the quota and the latency."""
        limits = {"latency_s": LATENCY_S, "quota_per_s": QUOTA_PER_S}
        return {
            "ours": self._many(self.sizes.many, **limits),
            "strict": self._many(self.sizes.many, **limits, burst_s=STRICT_S),
            "bare": self._loop("bare", self.sizes.bare, **limits),
            "older": self._loop("older", self.sizes.older, **limits),
        }

    def with_neighbour(self) -> Figures:
        """The same while somebody else uses a part of the quota."""
        limits = {"latency_s": LATENCY_S, "quota_per_s": QUOTA_PER_S, "burst_s": STRICT_S}
        return self._many(self.sizes.many, **limits, neighbour=NEIGHBOUR)

    def cpu(self) -> Figures:
        """Processor time a job, in turn, with latency and without."""
        runs = {
            "bare": lambda: self._loop("bare", self.sizes.cpu, latency_s=LATENCY_S),
            "ours": lambda: self._many(self.sizes.cpu, latency_s=LATENCY_S),
            "bare at once": lambda: self._loop("bare", self.sizes.cpu),
            "ours at once": lambda: self._many(self.sizes.cpu),
            "submit at once": lambda: self._loop("ours", self.sizes.cpu),
        }
        spent: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(self.sizes.pairs):
            for name, run in runs.items():
                spent[name].append(run()["cpu_s"] / self.sizes.cpu)
        ratios = [ours / bare for ours, bare in zip(spent["ours"], spent["bare"], strict=True)]
        older = self._loop("older", self.sizes.older)
        return {
            **{name: statistics.median(each) for name, each in spent.items()},
            "older": older["cpu_s"] / self.sizes.older,
            "ratio": statistics.median(ratios),
            "ratios": ratios,
        }

    def ensure(self) -> Figures:
        """Everything, from nothing."""
        return {"without": measured("first-ensure", ""), "with a volume": measured("first-ensure", "volume")}

    def waiting(self) -> Figures:
        """Waiting for jobs that are there."""
        found: Figures = {}
        for count in self.sizes.waited:
            for who in ("ours", "bare"):
                plain = self._wait(who, count, "")
                traced = self._wait(who, count, "traced") if count <= self.sizes.traced else {}
                found[f"{who} {count}"] = {**plain, "traced_bytes": traced.get("traced_bytes")}
        return found

    def _wait(self, who: str, count: int, traced: str) -> Figures:
        self.server.reset(looks=LOOKS, premade=count + 1)
        return measured("wait", who, self.server.url, self.world, count, traced)

    def listing(self) -> Figures:
        """Listing jobs that are there, and showing the list."""
        found: Figures = {"count": self.sizes.listed}
        for who in ("ours", "ours without rows", "bare", "bare without rows"):
            plain, traced = (self._listing(who, kind) for kind in ("", "traced"))
            found[who] = {**plain, "held_bytes": traced["held_bytes"], "peak_bytes": traced["peak_bytes"]}
        return found

    def _listing(self, who: str, traced: str) -> Figures:
        self.server.reset(premade=self.sizes.listed)
        return measured("listing", who, self.server.url, self.world, traced)
