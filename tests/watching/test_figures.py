"""The figure of a timeline: what is drawn, and that it can be read."""

import datetime as dt
import itertools
import random
import sys
import warnings
from typing import Any, cast

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from batchwright import Timeline
from batchwright.jobs.description import job_description

NOW = 1_800_000_000.0
STATUSES = ("SUCCEEDED", "FAILED", "RUNNING", "RUNNABLE")


def jobs(number: int, name: str = "sub-{:03}_ses-pre_task-rest_run-01_convert") -> Timeline:
    """So many jobs in all states, some of which were run twice."""
    chance = random.Random(number)
    answers: list[dict[str, Any]] = []
    for place in range(number):
        status, began = STATUSES[place % 4], NOW - 4_000 + 10 * place
        runs, ends = began + chance.uniform(60, 400), began + chance.uniform(500, 900)
        retried = [{"startedAt": (began + 20) * 1000, "stoppedAt": (began + 50) * 1000}] if place % 5 == 0 else []
        ended = [{"startedAt": runs * 1000, "stoppedAt": ends * 1000}] if status in ("SUCCEEDED", "FAILED") else []
        times = {"startedAt": runs * 1000} if status == "RUNNING" else {}
        answers.append(
            {"jobId": str(place), "jobName": name.format(place), "status": status, "createdAt": began * 1000}
            | times
            | {"attempts": retried + ended}
        )
    return Timeline.of([job_description(each, read_at=NOW) for each in answers], read_at=NOW)


def drawn(figure: Figure) -> FigureCanvasAgg:
    """The figure with everything in its place."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas


def bars(ax: Axes) -> dict[str, int]:
    """How many bars of each kind there are."""
    found = [each for each in ax.collections if isinstance(each, PolyCollection)]
    return {str(each.get_label()): len(each.get_paths()) for each in found}


def overlapping(texts: list[Text], canvas: FigureCanvasAgg) -> list[tuple[str, str]]:
    """Texts that cover one another."""
    renderer = cast("Any", canvas).get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text().strip()]
    return [(one, two) for (one, a), (two, b) in itertools.combinations(boxes, 2) if a.overlaps(b)]


@pytest.mark.parametrize("number", [1, 3, 30, 300, 2_000])
def test_it_can_be_read_however_many_jobs_there_are(number: int) -> None:
    """Every stretch is a bar, no two names cover one another, nothing sticks out, and the height has an end."""
    timeline = jobs(number)
    figure = timeline.figure(timezone=dt.UTC)
    canvas = drawn(figure)
    (ax,) = figure.axes
    assert sum(bars(ax).values()) == len(timeline.rows)
    names = ax.get_yticklabels()
    assert overlapping(names, canvas) == []
    assert overlapping(ax.get_xticklabels(), canvas) == []
    assert len(names) == number or len(names) >= 20
    assert figure.get_size_inches()[1] <= 10
    renderer = cast("Any", canvas).get_renderer()
    assert all(text.get_window_extent(renderer).x0 >= 0 for text in names)


def test_the_kinds_of_bars_are_told_apart_without_colours() -> None:
    """By hatches and by thickness; the legend has each of them once."""
    figure = jobs(12).figure()
    (ax,) = figure.axes
    assert bars(ax) == {"waited": 15, "ran": 3, "ran, failed": 6, "runs": 3}
    kinds = {str(each.get_label()): each for each in ax.collections}
    looks = {(each.get_hatch(), round(float(each.get_paths()[0].get_extents().height), 2)) for each in kinds.values()}
    assert len(looks) == 4
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "waited",
        "ran",
        "ran, failed",
        "runs",
        "when it was read",
    ]


def test_the_axis_says_its_zone() -> None:
    """UTC, or another one with its distance from it."""
    labels = [
        jobs(3).figure(timezone=zone).axes[0].get_xlabel()
        for zone in (dt.UTC, dt.timezone(dt.timedelta(hours=-5)), dt.timezone(dt.timedelta(hours=1), "CET"))
    ]
    assert labels == ["time (UTC)", "time (UTC-05:00)", "time (CET, UTC+01:00)"]
    assert jobs(3).figure().axes[0].get_xlabel().startswith("time (")


def test_it_draws_into_axes_of_others() -> None:
    """And touches nothing else: pyplot is not even loaded for it."""
    figure = Figure(figsize=(8, 6))
    left, right = figure.subplots(1, 2)
    assert jobs(40).plot(right) is right
    assert bars(right)
    assert not bars(left)
    assert overlapping(right.get_yticklabels(), drawn(figure)) == []
    assert jobs(4).plot().figure is not figure
    assert "matplotlib.pyplot" not in sys.modules


def test_names_are_no_code() -> None:
    """What matplotlib takes for mathematics, what acts on terminals, and letters that its font lacks."""
    timeline = jobs(3, "$x^{{{}}}_\x1b[2J 字")
    picture, size = cast("tuple[bytes, dict[str, int]]", timeline._repr_png_())
    assert picture.startswith(b"\x89PNG")
    assert size["width"] > size["height"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        figure = timeline.figure()
        drawn(figure)
    assert figure.axes[0].get_yticklabels()[0].get_text() == "$x^{0}_\\x1b[2J 字"


def test_a_picture_has_pixels_for_fine_screens() -> None:
    """Twice as many as it is wide."""
    picture, size = cast("tuple[bytes, dict[str, int]]", jobs(3)._repr_png_())
    assert int.from_bytes(picture[16:20], "big") == 2 * size["width"]
