"""By itself a thing is seen as its view, and among others as code."""

import datetime as dt
import io

import attrs
from IPython.lib.pretty import pretty
from rich.console import Console

from batchwright._display import Displayed, Fact, View
from batchwright.errors import NotFoundError
from batchwright.jobs.logs import LogEvent, Logs


class Shelf(Displayed):
    """Something that is no attrs class."""

    __str__ = Displayed._told

    def __repr__(self) -> str:
        return "<Shelf: 2 books>"

    def _view(self) -> View:
        return View(title="shelf", facts=[Fact("books", "2")])


@attrs.frozen(kw_only=True)
class Book(Displayed):
    """An attrs class that says nothing of itself."""

    name: str
    status: str = "VALID"
    pages: int = 1
    on: tuple[object, ...] = ()


@attrs.define(eq=False)
class Ring(Displayed):
    """What may hold itself."""

    inside: list[object]


def on_console(thing: object) -> str:
    """What rich prints of it."""
    console = Console(file=io.StringIO(), width=200, color_system=None)
    console.print(thing)
    return console.file.getvalue().rstrip()  # type: ignore[attr-defined]  # a StringIO


def test_by_itself_it_is_a_view() -> None:
    """In IPython, in rich, in a notebook, and printed where it is a list of things."""
    assert pretty(Shelf()) == str(Shelf()) == on_console(Shelf()) == "shelf\n  books  2"
    assert "<strong>shelf</strong>" in Shelf()._repr_html_()
    assert on_console(Book(name="a", pages=3)) == "Book 'a'  VALID\n  pages  3"


def test_among_others_it_is_code() -> None:
    """In lists and mappings, short and in one line, whoever prints them."""
    assert pretty([Shelf()]) == "[<Shelf: 2 books>]"
    assert pretty({"a": Book(name="a")}) == "{'a': Book(name='a', status='VALID')}"
    assert on_console([Shelf()]) == "[Shelf(<Shelf: 2 books>)]"
    assert on_console([Book(name="a", pages=3)]) == "[Book(name='a', pages=3)]"
    assert on_console([NotFoundError("no queue 'a'")]).startswith("[NotFoundError(\"no queue 'a'")


def test_str_is_code_but_of_lists() -> None:
    """An f-string takes one line."""
    assert f"{Book(name='a')}" == repr(Book(name="a")) == "Book(name='a', status='VALID')"


def test_errors_keep_their_words() -> None:
    """`str()` and `repr()` of an error are Python's, its view is for who looks at it."""
    error = NotFoundError("no queue 'a'", hint="Make it.")
    assert str(error) == "no queue 'a'\nMake it."
    assert repr(error).startswith("NotFoundError(")
    assert "Make it." in error._repr_html_()


def test_a_ring_ends() -> None:
    """What holds itself is printed once."""
    ring = Ring([])
    ring.inside.append(ring)
    assert "Ring(...)" in pretty([ring])


def test_as_code_it_is_not_endless() -> None:
    """A line of a log may have megabytes, and whoever lists the lines prints their code."""
    log = Logs([LogEvent(timestamp=dt.datetime(2026, 11, 23, tzinfo=dt.UTC), message="x" * 10_000_000)])
    for printed in (repr(log[0]), repr(list(log)), pretty(list(log))):
        assert "characters left out" in printed
        assert len(printed) < 3_000
