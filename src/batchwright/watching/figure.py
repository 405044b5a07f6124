"""A timeline as a figure of matplotlib, which is an extra; nothing of pyplot's global state is touched."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright._display.safe import visible
from batchwright.watching.lanes import Kind, Lane, moment_of, span_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.figure import Figure

# Okabe and Ito's colours differ for every kind of sight, and on white as on black; hatches tell them apart in print.
STYLES: Final[dict[Kind, dict[str, str]]] = {
    Kind.WAITED: {"facecolor": "#999999"},
    Kind.RAN: {"facecolor": "#0072B2"},
    Kind.FAILED: {"facecolor": "#D55E00", "hatch": "////"},
    Kind.RUNS: {"facecolor": "#56B4E9", "hatch": ".."},
}
WIDTH_IN: Final = 9.0
LANE_IN: Final = 0.22
AROUND_IN: Final = 1.3
HEIGHT_MAX_IN: Final = 10.0
LABEL_POINTS: Final = 8.0
NAME_MAX: Final = 32
"""Characters of a job's name beside its lane."""
_FINE: Final = 60
"""Lanes up to which there is room for hatches and edges."""
_SCREEN_DPI: Final = 72
_MISSING: Final = (
    "This needs matplotlib: pip install 'batchwright[plot]'. `rows` and `print()` give the same without it."
)


def _dates() -> Any:  # noqa: ANN401  # a module without types
    return import_module("matplotlib.dates")


def figure_of(lanes: Sequence[Lane], *, read_at: float, timezone: dt.tzinfo | None = None) -> Figure:
    """A figure of its own, with a legend below.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(_MISSING) from error
    height = min(AROUND_IN + LANE_IN * max(len(lanes), 1), HEIGHT_MAX_IN)
    figure = Figure(figsize=(WIDTH_IN, height), layout="constrained")
    ax = figure.add_subplot()
    draw(ax, lanes, read_at=read_at, timezone=timezone)
    handles, names = ax.get_legend_handles_labels()
    if handles:
        cast("Any", figure).legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return figure


def draw(ax: Axes, lanes: Sequence[Lane], *, read_at: float, timezone: dt.tzinfo | None) -> None:
    """Draw lanes, the first one on top, each kind of bar as one collection."""
    began, ended = span_of(lanes) or (0.0, 1.0)
    least = (ended - began) / 500  # so that what took no time is seen
    for kind in Kind:
        boxes = [
            _box(kind, place, bar.began, max(bar.ended, bar.began + least))
            for place, lane in enumerate(lanes)
            for bar in lane.bars
            if bar.kind is kind
        ]
        if boxes:
            ax.add_collection(_collection(kind, boxes, is_fine=len(lanes) <= _FINE), autolim=True)
    _draw_now(ax, lanes, read_at)
    _name_lanes(ax, lanes)
    _scale_time(ax, lanes, timezone)
    number = f"{len(lanes):,} job{'' if len(lanes) == 1 else 's'}"
    unknown = sum(not lane.bars for lane in lanes)
    cast("Any", ax).set_title(f"{number}, {unknown:,} of them without times" if unknown else number, loc="left")


def _box(kind: Kind, place: int, began: float, ended: float) -> list[tuple[float, float]]:
    half = 0.15 if kind is Kind.WAITED else 0.4
    began, ended = _days(began), _days(ended)
    return [(began, place - half), (ended, place - half), (ended, place + half), (began, place + half)]


def _days(seconds: float) -> float:
    """A moment, given in seconds since the epoch, as matplotlib counts it."""
    return float(_dates().date2num(moment_of(seconds)))


def _collection(kind: Kind, boxes: Sequence[Sequence[tuple[float, float]]], *, is_fine: bool) -> Collection:
    from matplotlib.collections import PolyCollection

    style = dict(STYLES[kind])
    if not is_fine:
        style.pop("hatch", None)
    edge = {"edgecolor": "white", "linewidth": 0.6} if is_fine else {"edgecolor": "face", "linewidth": 0.3}
    return PolyCollection(cast("Any", boxes), label=kind.value, **cast("Any", {**style, **edge}))


def _draw_now(ax: Axes, lanes: Sequence[Lane], read_at: float) -> None:
    """Where what goes on was read."""
    if any(lane.is_open for lane in lanes):
        cast("Any", ax).axvline(_days(read_at), color="#999999", linestyle="--", linewidth=1, label="when it was read")


def _name_lanes(ax: Axes, lanes: Sequence[Lane]) -> None:
    """As many names as have room."""
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    height_points = ax.get_position().height * cast("Any", ax.figure).get_size_inches()[1] * _SCREEN_DPI
    room = max(int(height_points / (LABEL_POINTS * 1.4)), 1)
    step = max(-(-len(lanes) // room), 1)
    places = list(range(0, len(lanes), step))
    names = [_short(visible(lanes[place].name, lines=False)) for place in places]
    # A name may hold what matplotlib takes for mathematics.
    cast("Any", ax).set_yticks(places, names, fontsize=LABEL_POINTS, parse_math=False)
    if step > 1:
        cast("Any", ax).set_ylabel(f"one name for every {step} jobs", fontsize=LABEL_POINTS)


def _short(name: str) -> str:
    half = NAME_MAX // 2
    return name if len(name) <= NAME_MAX else f"{name[: half - 1]}…{name[-half:]}"


def _scale_time(ax: Axes, lanes: Sequence[Lane], timezone: dt.tzinfo | None) -> None:
    began, ended = span_of(lanes) or (0.0, 1.0)
    margin = max((ended - began) * 0.02, 0.5)
    zone = timezone or moment_of(began).astimezone().tzinfo
    ax.set_xlim(_days(began - margin), _days(ended + margin))
    locator = _dates().AutoDateLocator(tz=zone, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(_dates().ConciseDateFormatter(locator, tz=zone))
    cast("Any", ax).set_xlabel(f"time ({_named(zone, moment_of(began))})", fontsize=LABEL_POINTS)
    cast("Any", ax).grid(visible=True, axis="x", alpha=0.3)
    ax.set_axisbelow(True)


def _named(zone: dt.tzinfo | None, at: dt.datetime) -> str:
    """The zone with its distance from UTC, since a name alone may stand for several."""
    local = at.astimezone(zone)
    name, offset = local.tzname() or "", f"{local:%z}"
    if not local.utcoffset():
        return "UTC"
    distance = f"UTC{offset[:3]}:{offset[3:5]}"
    return distance if name in ("", distance) else f"{name}, {distance}"


def png_of(figure: Figure) -> tuple[bytes, dict[str, Any]]:
    """A picture with twice as many pixels as it is wide, for fine screens, and its width and height."""
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name in letters that the font lacks
        cast("Any", figure).savefig(written, format="png", dpi=2 * _SCREEN_DPI)
    width, height = (int(inches * _SCREEN_DPI) for inches in figure.get_size_inches())
    return written.getvalue(), {"width": width, "height": height}
