"""The figures as the rows of one table, each beside its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from benchmarks.figures import NEIGHBOUR, QUOTA_PER_S, STRICT_S, Figures
from benchmarks.jobs import PAGE, STATUSES
from benchmarks.tables import SCANNED

NOTHING: Final = "–"
MIB: Final = 1024 * 1024
IN_FLIGHT: Final = 1000
"""Bytes for a job that is waited for: its id, its status and its place, and nothing of AWS's answers."""

LISTED_MAX: Final = 1_000
"""Bytes for a job of a list with its row: what is shown and sorted by, and not AWS's answers."""


@attrs.frozen(kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: What is measured.
        target: What is aimed at.
        ours: What batchwright needs.
        bare: What a plain boto3 loop needs.
        older: What the older function needs.
        holds: Whether the target is met; None where there is none.
    """

    what: str
    target: str = NOTHING
    ours: str = NOTHING
    bare: str = NOTHING
    older: str = NOTHING
    holds: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The line's cells."""
        verdict = {True: "holds", False: "MISSED", None: ""}[self.holds]
        return self.what, self.target, self.ours, self.bare, self.older, verdict


HEADINGS: Final = ("what", "target", "batchwright", "bare boto3", "the older function", "")


def rows_of(figures: Figures) -> list[Row]:
    """All rows, as far as there are figures for them."""
    return [row for name, rows in ROWS.items() if name in figures for row in rows(figures[name])]


def _calls(told: Figures) -> Iterator[Row]:
    for what, suffix in (("", ""), (", with a volume", " with a volume")):
        ours = told[f"ours{suffix}"]
        yield Row(
            what=f"API calls of a warm session.submit(){what}",
            target="≤ 3",
            ours=f"{ours:g}",
            bare=f"{told[f'bare{suffix}']:g}",
            older=f"{told[f'older{suffix}']:g}",
            holds=ours <= 3,
        )


def _many(told: Figures) -> Iterator[Row]:
    ours, bare, older = told["ours"], told["bare"], told["older"]
    calls = sum(ours["calls"].values()) / ours["done"]
    yield Row(
        what="API calls a job in submit_many",
        target="≤ 1.1",
        ours=f"{calls:.3f}",
        bare="1",
        older=f"{sum(older['calls'].values()) / older['done']:g}",
        holds=calls <= 1.1,
    )
    rate = ours["done"] / ours["wall_s"]
    yield Row(
        what=f"submit_many of {ours['done']:,} jobs: jobs a second",
        target=f"≥ {0.95 * QUOTA_PER_S:g}",
        ours=f"{rate:.1f} ({rate / QUOTA_PER_S:.0%} of the quota)",
        bare=f"{bare['done'] / bare['wall_s']:.1f}",
        older=f"{older['done'] / older['wall_s']:.1f}",
        holds=rate >= 0.95 * QUOTA_PER_S,
    )
    yield _kept("the same: jobs lost, doubled, without their row", ours)
    yield Row(what="the same: requests that were throttled", ours=f"{ours['refused']}", bare=f"{bare['refused']}")
    yield _strict(told["strict"])


def _strict(told: Figures) -> Row:
    rate = told["done"] / told["wall_s"]
    return Row(
        what=f"the same where no more than {STRICT_S:g} s of the quota is saved up",
        ours=f"{rate:.1f} ({rate / QUOTA_PER_S:.0%}), {told['refused']} throttled",
    )


def _kept(what: str, told: Figures) -> Row:
    lost, unrecorded = told["done"] - told["submissions"], told["done"] - told["recorded"]
    kept = (lost, told["doubled"], unrecorded)
    return Row(what=what, target="0, 0, 0", ours=", ".join(map(str, kept)), holds=not any(kept))


def _neighbour(told: Figures) -> Iterator[Row]:
    used = (told["done"] + told["neighbour_took"]) / told["wall_s"] / QUOTA_PER_S
    per_s, start_s, end_s = NEIGHBOUR
    yield Row(
        what=f"beside a neighbour who asks for {per_s:g} a second for {end_s - start_s:g} s: share of the quota used",
        target="≥ 95 %",
        ours=f"{used:.0%} (the neighbour had {told['neighbour_took']} of {per_s * (end_s - start_s):g})",
        holds=used >= 0.95,
    )
    yield _kept("the same: jobs lost, doubled, without their row", told)
    yield Row(what="the same: requests that were throttled", ours=f"{told['refused']}")


def _cpu(told: Figures) -> Iterator[Row]:
    yield Row(
        what="processor time a job in submit_many, against the bare loop",
        target="≤ 1.3 ×",
        ours=f"{told['ratio']:.2f} × ({_ms(told['ours'])})",
        bare=_ms(told["bare"]),
        older=_ms(told["older"]),
        holds=told["ratio"] <= 1.3,
    )
    at_once = _ms(told["bare at once"])
    what = "the same where answers take no time, so that the bare loop never sleeps; submit_many keeps AWS's pace"
    yield Row(what=what, ours=_ms(told["ours at once"]), bare=at_once)
    what = "processor time of one session.submit(), where answers take no time"
    yield Row(what=what, ours=_ms(told["submit at once"]), bare=at_once)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _ensure(told: Figures) -> Iterator[Row]:
    for name, target in (("with a volume", "≤ 1.15 ×"), ("without", "≤ 1.15 ×")):
        each = told[name]
        ratio = each["ours_s"] / each["chain_s"]
        what = "a volume too" if name == "with a volume" else "no volume"
        yield Row(
            what=f"first ensure() of everything, {what}; AWS's longest chain is {each['chain_s']:g} s",
            target=target,
            ours=f"{ratio:.2f} × ({each['ours_s']:.0f} s)",
            older=f"{each['older_s'] / each['chain_s']:.2f} × ({each['older_s']:.0f} s)",
            holds=ratio <= 1.15,
        )


def _waiting(told: Figures) -> Iterator[Row]:
    counts = sorted({int(name.split()[1]) for name in told})
    for count in counts:
        ours, bare = told[f"ours {count}"], told[f"bare {count}"]
        expected = ours["expected_calls"]
        made = ours["calls"].get("describejobs", 0)
        yield Row(
            what=f"waiting for {count:,} jobs, three looks: DescribeJobs",
            target=f"{expected:,}",
            ours=f"{made:,}",
            bare=f"{bare['calls'].get('describejobs', 0):,}",
            holds=made == expected and ours["succeeded"] == count,
        )
    yield from _memory(counts, *([told[f"{who} {count}"] for count in counts] for who in ("ours", "bare")))


def _memory(counts: list[int], ours: list[Figures], bare: list[Figures]) -> Iterator[Row]:
    yield Row(
        what=f"memory that waiting for {', '.join(f'{count:,}' for count in counts)} jobs adds to the process",
        ours=_mib(ours, "resident_bytes"),
        bare=_mib(bare, "resident_bytes"),
    )
    traced = [
        (count, each, plain) for count, each, plain in zip(counts, ours, bare, strict=True) if each["traced_bytes"]
    ]
    growth = _growth([(count, each["traced_bytes"]) for count, each, _ in traced])
    yield Row(
        what="the same, of what Python allocates, by further job in flight",
        target=f"≤ {IN_FLIGHT:,} bytes",
        ours=f"{growth:,.0f} bytes",
        bare=f"{_growth([(count, plain['traced_bytes']) for count, _, plain in traced]):,.0f} bytes",
        holds=None if math.isnan(growth) else growth <= IN_FLIGHT,
    )


def _mib(told: list[Figures], name: str) -> str:
    return ", ".join(f"{each[name] / MIB:.0f}" for each in told) + " MiB"


def _growth(points: list[tuple[int, int]]) -> float:
    """Bytes that every further job adds."""
    (first, least), (last, most) = points[0], points[-1]
    return (most - least) / (last - first) if last > first else math.nan


def _listing(told: Figures) -> Iterator[Row]:
    count, ours, alone = told["count"], told["ours"], told["ours without rows"]
    bare, bare_alone = told["bare"], told["bare without rows"]
    pages = sum(math.ceil(len(range(place, count, len(STATUSES))) / PAGE) for place in range(len(STATUSES)))
    made, scans = (ours["calls"].get(name, 0) for name in ("listjobs", "Scan"))
    yield Row(
        what=f"session.jobs() of {count:,} jobs, joined with as many rows: ListJobs, Scan",
        target=f"{pages}, {math.ceil(count / SCANNED)}",
        ours=f"{made}, {scans}",
        bare=", ".join(str(bare["calls"].get(name, 0)) for name in ("listjobs", "Scan")),
        holds=(made, scans, ours["jobs"], ours["tracked"]) == (pages, math.ceil(count / SCANNED), count, count),
    )
    yield Row(
        what="the same: seconds of processor time, and without the rows",
        ours=f"{ours['cpu_s']:.2f} s, {alone['cpu_s']:.2f} s",
        bare=f"{bare['cpu_s']:.2f} s, {bare_alone['cpu_s']:.2f} s",
    )
    yield Row(
        what="the same: bytes that Python holds for a job then, and without the rows",
        target=f"≤ {LISTED_MAX:,} bytes",
        ours=f"{ours['held_bytes'] / count:,.0f}, {alone['held_bytes'] / count:,.0f}",
        bare=f"{bare['held_bytes'] / count:,.0f}, {bare_alone['held_bytes'] / count:,.0f}",
        holds=ours["held_bytes"] / count <= LISTED_MAX,
    )
    yield Row(
        what="showing the list: HTML, plain IPython, print()",
        target="the first two ≤ 200 ms",
        ours=", ".join(f"{ours[name] * 1000:,.0f} ms" for name in ("html_s", "text_s", "print_s")),
        holds=max(ours["html_s"], ours["text_s"]) <= 0.2,
    )
    yield Row(what="the same list as a data frame", ours=f"{ours['frame_s'] * 1000:,.0f} ms")


def _imports(told: Figures) -> Iterator[Row]:
    base, ours = told["attrs and cattrs"], told["batchwright"]
    yield Row(
        what="import batchwright, against importing attrs and cattrs",
        target="≤ 1.2 ×",
        ours=f"{ours / base:.2f} × ({ours * 1000:.0f} ms)",
        bare=f"{told['boto3'] * 1000:.0f} ms (import boto3)",
        older=f"{told['boto3'] * 1000:.0f} ms (import boto3)",
        holds=ours <= 1.2 * base,
    )
    first = told["BatchSession"]
    yield Row(what="from batchwright import BatchSession", ours=f"{first / base:.2f} × ({first * 1000:.0f} ms)")


ROWS: Final[dict[str, Callable[[Any], Iterator[Row]]]] = {
    "calls": _calls,
    "many": _many,
    "neighbour": _neighbour,
    "cpu": _cpu,
    "ensure": _ensure,
    "waiting": _waiting,
    "listing": _listing,
    "imports": _imports,
}
