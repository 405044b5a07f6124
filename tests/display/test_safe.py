"""Text of unknown origin acts on nothing that shows it, and is not endless."""

import datetime as dt
import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright._display.safe import TEXT_MAX, disarmed, fitted, safe_url, visible
from batchwright.jobs.logs import LogEvent, Logs

from .conftest import HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sub-01 ünïcode 漢字 🙂", "sub-01 ünïcode 漢字 🙂"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\x9b31mb\x00", "a\\x9b31mb\\x00"),
        ("10 %\r20 %", "10 %\\x0d20 %"),
        ("one\r\ntwo\n", "one\ntwo\n"),
        ("a\tb", "a       b"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200bb\u2066", "a\\u200bb\\u2066"),
        ("\U000e0041", "\\U000e0041"),
        ("a\ud800", "a\\ud800"),
    ],
)
def test_what_would_act_is_named(text: str, shown: str) -> None:
    """Everything else stays as it is, line ends of Windows become line ends."""
    assert visible(text) == shown


def test_a_whole_text_is_disarmed() -> None:
    """Nothing is left out, and tabs stay."""
    text = "a\tb\r\n\x1b[2J" + "x" * 10_000
    assert disarmed(text) == "a\tb\n\\x1b[2J" + "x" * 10_000


def test_printed_logs_act_on_nothing() -> None:
    """`print()` of a job's log names control characters; the line itself is as it came."""
    line = LogEvent(timestamp=dt.datetime.now(dt.UTC), message="\x1b]52;c;eA==\x07done")
    assert str(Logs([line, line])) == "\\x1b]52;c;eA==\\x07done\n\\x1b]52;c;eA==\\x07done"
    assert line.message == "\x1b]52;c;eA==\x07done"


def test_a_title_has_one_line() -> None:
    """Its line ends are named like all else that acts."""
    assert visible("a\nb\r\nc", lines=False) == "a\\nb\\nc"


@given(st.text(st.characters(), max_size=300))
def test_no_character_of_control_is_left(text: str) -> None:
    """Of all categories of Unicode, none that controls, formats or is half a character comes through."""
    shown = visible(text)
    assert not [each for each in shown if unicodedata.category(each) in ("Cc", "Cf", "Cs") and each != "\n"]
    shown.encode("utf-8")


def test_ten_megabytes_are_shortened_first() -> None:
    """The beginning and the end stay, what is left out is counted, and nothing makes a copy of all of it."""
    text = "a" * 5_000_000 + "\x1b" * 5_000_000 + "end"
    tracemalloc.start()
    shown = visible(text)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 1_000_000
    assert shown.startswith("aaa")
    assert shown.endswith("end")
    assert f"{len(text) - TEXT_MAX:,} characters left out" in shown
    assert len(shown) < 4 * TEXT_MAX


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example/x?y=1&z=$25#here", "https://a.example:8443/"])
def test_links_lead_to_the_web(url: str) -> None:
    """Encrypted, and of plain characters."""
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *HOSTILE.values(),
        "http://a.example",
        "HTTPS://a.example",
        "https://user@a.example",
        "https://a.example/ b",
        "https://a.example/\x1b",
        "https://a.example/<b>",
        "https://a.example\n",
        "https://a.example/" + "x" * TEXT_MAX,
        "data:text/html,x",
        "",
    ],
)
def test_no_other_links_are_made(url: str) -> None:
    """What is not followed is shown as text only."""
    assert not safe_url(url)


def test_other_encodings_get_what_they_can_write() -> None:
    """Our own signs have a form in ASCII; other characters go by their numbers."""
    assert fitted("… ••• a → ü 漢", "utf-8") == "… ••• a → ü 漢"
    assert fitted("… ••• a → ü 漢", "ascii") == "... *** a -> \\xfc \\u6f22"
    assert fitted("ü 漢", "latin-1") == "ü \\u6f22"
