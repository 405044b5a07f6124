"""Whatever a name, a tag, a reason or a log says: nothing of it acts on a terminal or on a page."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright._display import Fact, Text, View, to_html, to_text

from .conftest import HOSTILE, RENDERERS, on_terminal, view_of

VOID = {"br"}
TAGS = {"div", "style", "p", "strong", "span", "a", "small", "pre", "br", "ul", "li", "details", "summary"}
TAGS |= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"class", "scope", "href", "target", "rel", "tabindex", "colspan", "open"}
CODES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


class Page(HTMLParser):
    """Takes a page apart: its tags in balance, its attributes, its text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.text = ""
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def check_page(view: View) -> Page:
    """The page of a view holds our own tags and attributes and no others."""
    page = Page(to_html(view))
    assert page.tags <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    assert all(href.startswith("https://") for href in page.attributes.get("href", ()))
    return page


def check_terminal(text: str) -> None:
    """Besides line ends there is nothing that a terminal obeys."""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_page_is_our_own(text: str) -> None:
    """Said in every place that a view has, it is text there."""
    page = check_page(view_of(text))
    assert page.attributes.get("href", set()) == set()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_terminal_obeys_our_own_codes_only(text: str) -> None:
    """Neither with colours nor as plain text does it get another code, or another link."""
    check_terminal(to_text(view_of(text)))
    drawn = on_terminal(view_of(text))
    check_terminal(CODES.sub("", drawn))
    assert "]8;;http" not in drawn.replace("\\x1b]8;;http", "")


@pytest.mark.parametrize("name", RENDERERS)
def test_markup_is_shown_as_it_is(name: str) -> None:
    """What rich and browsers would take for markup can be read."""
    drawn = RENDERERS[name](View(title="[bold red]x[/nope] :smile:", note="[link=x]"))
    assert "[bold red]x[/nope] :smile:" in CODES.sub("", drawn)
    assert "[link=x]" in CODES.sub("", drawn)


@given(st.text(max_size=200))
def test_any_text_leaves_a_page_whole(text: str) -> None:
    """Tags are in balance and our own, whatever is said."""
    check_page(view_of(text))


@given(st.text(max_size=80))
def test_any_text_leaves_a_terminal_in_peace(text: str) -> None:
    """No control character comes through, and nothing fails."""
    check_terminal(to_text(view_of(text), width=40))


def test_a_link_is_escaped_and_opens_elsewhere() -> None:
    """Its address can be followed, and says nothing of the page it is on."""
    url = "https://console.example/x?a=1&b='2'"
    page = check_page(View(title="a", facts=[Fact("log", Text("here", url=url))]))
    assert page.attributes["href"] == {url}
    assert page.attributes["rel"] == {"noopener"}
