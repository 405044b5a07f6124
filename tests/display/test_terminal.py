"""Terminals of any width, with colours or without, in any encoding."""

import io
import subprocess
import sys

import pytest
from rich.cells import cell_len
from rich.console import Console

from batchwright._display import Branch, Fact, Grid, Lines, Text, Tone, View, status_text, to_html, to_text
from batchwright._display.as_rich import to_rich

from .conftest import RENDERERS, jobs_view, on_terminal, view_of

SET = View(
    title="job queue 'lab'",
    status=status_text("VALID"),
    facts=[Fact("priority", "5"), Fact("log", Text("stream", url="https://a.example/x"))],
    parts=[
        Grid(("job", "status"), [("sub-01", status_text("FAILED")), ("sub-02", "")], title="jobs", left_out=7),
        Branch("queue", [Branch("environment", [Branch("role")]), Branch("policy")]),
        Lines(["one", "two"], title="last lines", left_out=3),
    ],
    note="read 2026-11-23 12:00:00 UTC",
)


def test_plain_text_says_it_all() -> None:
    """Title, status, facts with the address of a link, table, tree, lines and when it was read."""
    assert to_text(SET, 60).splitlines() == [
        "job queue 'lab'  VALID",
        "  priority  5",
        "  log       stream",
        "            https://a.example/x",
        "",
        "jobs",
        "job       status",
        "----------------",
        "sub-01    FAILED",
        "sub-02",
        "… 7 more",
        "",
        "queue",
        "├── environment",
        "│   └── role",
        "└── policy",
        "",
        "last lines",
        "  … 3 lines before",
        "  one",
        "  two",
        "read 2026-11-23 12:00:00 UTC",
    ]


@pytest.mark.parametrize("width", [10, 20, 40, 80, 200])
@pytest.mark.parametrize("text", ["sub-01", "x" * 300, "漢字" * 60, "a b c " * 40])
def test_no_line_is_wider_than_the_terminal(width: int, text: str) -> None:
    """Long names go on in the next line, whole."""
    view = View(title=text, facts=[Fact(text, text)], parts=[Grid(("a", "b"), [(text, text)]), Lines([text])])
    drawn = to_text(view, width)
    assert max(map(cell_len, drawn.splitlines())) <= width
    assert "…" not in drawn


@pytest.mark.parametrize("width", range(12, 140, 8))
def test_no_letter_of_a_table_is_lost(width: int) -> None:
    """Whatever its columns hold, all of it is there."""
    lengths = [(13, 9, 24, 10, 21, 11, 20), (1, 2, 3, 4, 5, 60, 90), (40, 1, 40, 1, 40, 1, 40)]
    lines = [["x" * length for length in line] for line in lengths]
    headings = ["id", "status", "subnet_id", "zone", "vpc_id", "ip_address", "security_group_ids"]
    drawn = to_text(View(title="", parts=[Grid(headings, lines)]), width)
    assert drawn.count("x") == sum(map(sum, lengths))
    assert max(map(len, drawn.splitlines())) <= width
    if width > 90:
        assert all(heading in drawn for heading in headings)


def test_columns_share_what_is_there() -> None:
    """Short ones are whole, and long ones fold."""
    lines = [("sub-01", "x" * 200, "2026-11-23 12:00:00 UTC")]
    drawn = to_text(View(title="", parts=[Grid(("job", "why", "when"), lines)]), 80).splitlines()
    assert drawn[2].startswith("sub-01  xxx")
    assert drawn[2].endswith("x  2026-11-23 12:00:00 UTC")


def test_a_narrow_terminal_gets_a_table_line_by_line() -> None:
    """Where columns would be too narrow to read, each line is a block of names and values."""
    assert to_text(jobs_view(2), 30).splitlines()[2:6] == [
        "job     sub-00000",
        "status  RUNNING",
        "why     Essential container in",
        "        task exited",
    ]


def test_colours_say_nothing_alone() -> None:
    """Without them the words are the same."""
    drawn = io.StringIO()
    Console(file=drawn, width=60, force_terminal=True, no_color=True, color_system=None).print(to_rich(SET))
    assert [line.rstrip() for line in drawn.getvalue().splitlines()] == to_text(SET, 60).splitlines()
    assert "\x1b[32m" in on_terminal(SET)


def test_a_terminal_that_follows_links_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a link behind the words; without the address beside them."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    drawn = on_terminal(SET)
    assert "https://a.example/x\x1b\\" in drawn
    assert drawn.count("https://a.example/x") == 1


@pytest.mark.parametrize("text", ["… ••• 漢字 ü", "plain"])
def test_an_encoding_without_the_signs_gets_others(text: str) -> None:
    """Nothing fails, boxes and trees are of ASCII."""
    drawn = on_terminal(view_of(text), encoding="ascii")
    drawn.encode("ascii")
    assert "`-- " in drawn or "+-- " in drawn


def test_print_does_not_fail_on_a_dumb_terminal_in_ascii() -> None:
    """`print()` in a process whose output is ASCII and whose terminal can do nothing."""
    code = (
        "from batchwright._display import *\n"
        "from rich import print as rich_print\n"
        "class A(Displayed):\n"
        "    __str__ = Displayed._told\n"
        "    def _view(self): return View(title='ü …', parts=[Branch('漢', [Branch('•')]), Grid(('a',), [('ü',)])])\n"
        "print(A())\nrich_print(A())"
    )
    environment = {"PYTHONIOENCODING": "ascii", "TERM": "dumb", "PYTHONPATH": ":".join(sys.path), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False, timeout=60)
    assert done.stderr == b""
    assert done.stdout.decode("ascii").count("\\xfc ...") == 2


@pytest.mark.parametrize("name", RENDERERS)
def test_ten_thousand_lines_show_their_ends(name: str) -> None:
    """The first and the last, and how many are between; a plain text that is printed has them all."""
    view = jobs_view(10_000)
    drawn = {"text": lambda: to_text(view, lines_max=60)}.get(name, lambda: RENDERERS[name](view))()
    assert [f"sub-{n:05}" in drawn for n in (0, 39, 40, 9979, 9980, 9999)] == [True, True, False, False, True, True]
    assert "… 9,940 more" in drawn


def test_printing_shows_more_lines() -> None:
    """`print()` leaves nothing of two hundred lines out, and of ten thousand what nobody reads, unless it is asked."""
    drawn = to_text(jobs_view(200))
    assert drawn.count("sub-") == 200
    assert "more" not in drawn
    assert "… 9,800 more" in to_text(jobs_view(10_000))
    assert to_text(jobs_view(300), lines_max=None).count("sub-") == 300


def test_trees_end() -> None:
    """A level of many branches is cut and counted, and so is a tree of great depth."""
    deep = Branch("leaf")
    for n in range(100):
        deep = Branch(f"level {n}", [deep])
    for drawn in (to_text(View(title="a", parts=[deep])), to_html(View(title="a", parts=[deep]))):
        assert "level 99" in drawn
        assert "level 10" not in drawn
        assert "… 1 more" in drawn
    wide = View(title="a", parts=[Branch("top", [Branch(str(n)) for n in range(100)])])
    assert "… 40 more" in to_html(wide)


@pytest.mark.parametrize("name", RENDERERS)
def test_what_is_empty_says_so(name: str) -> None:
    """A table without lines, and a view of nothing but a title."""
    drawn = RENDERERS[name](View(title="a", parts=[Grid(("job",), [])]))
    assert "(nothing)" in drawn
    assert "a" in RENDERERS[name](View(title="a"))
    assert 'class="bw-title"' not in RENDERERS[name](View(title=""))
    assert to_text(View(title="", facts=[Fact("a", "b")])) == "  a  b"


def test_a_tone_is_a_word_and_a_colour() -> None:
    """Each tone that is not plain has a colour of its own in a terminal."""
    drawn = {tone: on_terminal(View(title="", status=Text("word", tone))) for tone in Tone}
    assert len(set(drawn.values())) == len(Tone)
