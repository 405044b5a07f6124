"""The figures of the engines as a table of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from benchmarks.engines import Figures
from semantics.page import HEADINGS as SYSTEM_NAMES

NOTHING: Final = "–"
MIB: Final = 1024 * 1024
ENGINE_HEADINGS: Final = ("what", "batchwright.local", SYSTEM_NAMES["moto"], SYSTEM_NAMES["localbatch"], "a bare loop")


@attrs.frozen(kw_only=True)
class EngineRow:
    """One line of the table.

    Attributes:
        what: What is measured.
        ours: Of `batchwright.local`.
        moto: Of moto's own Docker backend, on the same engine.
        localbatch: Of localbatch, on the same engine.
        bare: Of a plain loop that starts the same, one after the other.
        holds: Whether what is asked of ours is met; None where nothing is.
    """

    what: str
    ours: str = NOTHING
    moto: str = NOTHING
    localbatch: str = NOTHING
    bare: str = NOTHING
    holds: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The line's cells."""
        missed = " (MISSED)" if self.holds is False else ""
        return self.what, self.ours + missed, self.moto, self.localbatch, self.bare


def engine_rows(figures: Figures) -> list[EngineRow]:
    """All rows, as far as there are figures for them."""
    return [*_processes(figures), *(_containers(figures) if "docker" in figures else ())]


def rate(told: Figures) -> float:
    """Jobs a second."""
    return float(told["count"] / told["wall_s"])


def _processes(figures: Figures) -> Iterator[EngineRow]:
    told = figures["processes"]
    yield EngineRow(
        what=f"an array of {told['count']:,} `true`, processes: jobs a second",
        ours=f"{rate(told):,.0f} ({told['wall_s']:.1f} s)",
        bare=f"{rate(figures['bare processes']):,.0f}",
    )
    yield EngineRow(what="the same: succeeded", ours=f"{told['succeeded']:,}", holds=told["succeeded"] == told["count"])
    yield EngineRow(what="the same: the server at the most, its memory before and what was added", ours=_peak(told))


def _containers(figures: Figures) -> Iterator[EngineRow]:
    ours = figures["docker"]
    others = {name: figures[name] for name in ("moto", "localbatch") if name in figures}
    bare = figures["bare containers"]
    yield EngineRow(
        what=f"{ours['count']} jobs of `true`, containers: jobs a second",
        ours=f"{rate(ours):.1f} ({ours['wall_s']:.1f} s)",
        bare=f"{rate(bare):.1f}",
        **{name: f"{rate(told):.1f} ({told['wall_s']:.1f} s)" for name, told in others.items()},
    )
    yield EngineRow(
        what="the same: batchwright.local is so many times as fast",
        bare=f"{rate(ours) / rate(bare):.2f} ×",
        **{name: f"{rate(ours) / rate(told):.2f} ×" for name, told in others.items()},
    )
    yield EngineRow(
        what="the same: succeeded",
        ours=f"{ours['succeeded']}",
        holds=ours["succeeded"] == ours["count"],
        **{name: f"{told['succeeded']}" for name, told in others.items()},
    )
    yield EngineRow(
        what="the same: containers left behind",
        ours=f"{ours['left']}",
        holds=ours["left"] == 0,
        **{name: f"{told['left']}" for name, told in others.items()},
    )
    yield EngineRow(
        what="the same: the server at the most, its memory before and what was added",
        ours=_peak(ours),
        **{name: _peak(told) for name, told in others.items()},
    )


def _peak(told: Figures) -> str:
    added = (told["resident_bytes"] - told["before_bytes"]) / MIB
    return f"{told['threads']} threads, {told['before_bytes'] / MIB:.0f} + {added:.0f} MiB"
