"""Pages: readable on any ground, without a style sheet, and for those who do not see them."""

import re

import pytest

from batchwright._display import Fact, Grid, Lines, Text, Tone, View, status_text, to_html
from batchwright._display.style import PERCENT, STYLE, TONES

GROUNDS = {
    "light": ("#ffffff", ("#000000", "#1f2328", "#212121", "#3c3c3c")),
    "dark": ("#111111", ("#ffffff", "#e0e0e0", "#f0f6fc", "#cccccc")),
    "VS Code's dark": ("#1e1e1e", ("#ffffff", "#d4d4d4", "#cccccc")),
}


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def luminance(colour: tuple[float, ...]) -> float:
    """As WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("tone", TONES)
def test_every_tone_reads_on_every_ground(ground: str, tone: Tone) -> None:
    """Mixed with the page's own colour of text it has a contrast of 4.5 to 1 at the least."""
    behind, texts = GROUNDS[ground]
    for text in texts:
        pairs = zip(channels(TONES[tone]), channels(text), strict=True)
        mixed = tuple((a * PERCENT + b * (100 - PERCENT)) / 100 for a, b in pairs)
        assert contrast(mixed, channels(behind)) >= 4.5


def test_no_colour_is_fixed() -> None:
    """Text is of the page's own colour or of a mixture with it; nothing has a ground of its own."""
    for rule in re.findall(r"(?<![a-z-])color:([^;}]*)", STYLE):
        assert rule == "inherit" or rule.endswith("currentColor)")
    assert set(re.findall(r"background:([^;}]*)", STYLE)) == {"none"}


def test_styles_touch_nothing_else_on_the_page() -> None:
    """Every rule begins with the class of the output, and nothing is loaded or run."""
    assert all(rule.startswith(".bw.bw.bw") for rule in STYLE.split("}") if rule)
    page = to_html(View(title="a"))
    assert not re.search(r"@import|url\(|<script|<link|\bon\w+=|http:", page)


def test_tables_say_what_their_cells_are() -> None:
    """A caption, headings of columns and of rows, and a box that a keyboard can scroll."""
    page = to_html(View(title="a", facts=[Fact("b", "c")], parts=[Grid(("job",), [("x",)], title="jobs")]))
    assert '<th scope="row">b</th><td' in page
    assert '<caption>jobs</caption><thead><tr><th scope="col">job</th>' in page
    assert page.count('tabindex="0"') == 1


def test_without_styles_it_is_read_all_the_same() -> None:
    """What a page that takes out styles and classes leaves: the words, in order, in tables and lists."""
    view = View(title="queue", status=status_text("VALID"), parts=[Lines(["a", "b"], left_out=1)], note="read now")
    bare = re.sub(r' class="[^"]*"|<style>.*?</style>', "", to_html(view))
    assert bare == (
        "<div><p><strong>queue</strong> <span>VALID</span></p><p><small>… 1 line before</small></p>"
        '<pre tabindex="0">a\nb</pre><p><small>read now</small></p></div>'
    )


def test_several_lines_stay_several() -> None:
    """In a cell, and in a fact."""
    page = to_html(View(title="a", facts=[Fact("b", "one\ntwo")], parts=[Grid(("job",), [[Text("x\ny", Tone.BAD)]])]))
    assert "one<br>two" in page
    assert "x<br>y" in page


def test_indented_lines_stay_indented() -> None:
    """A command may be a program whose blanks mean something."""
    assert "  y</td>" in to_html(View(title="a", facts=[Fact("b", "x\n  y")]))
    assert re.search(r"\btd\{[^}]*;white-space:pre-wrap;", STYLE)
