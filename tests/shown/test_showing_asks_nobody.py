"""Looking at an object, of whatever kind and in whatever way, asks AWS nothing and tells no secret."""

import importlib
import io
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from botocore.client import BaseClient
from IPython.lib.pretty import pretty
from rich.console import Console
from rich.pretty import pretty_repr

import batchwright
from batchwright import BatchSession
from batchwright._display import Displayed, View, to_html, to_text

from .all_kinds import SECRET, everything

Way = Callable[[object], str]


def _printed(thing: object) -> str:
    console = Console(file=io.StringIO(), width=40)
    console.print(thing)
    return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


def _hooks(thing: object) -> str:
    names = ("_repr_html_", "_repr_png_", "_repr_svg_", "_repr_markdown_")
    return "\n".join(str(getattr(thing, name)()) for name in names if hasattr(thing, name))


def _viewed(draw: Callable[[View], str]) -> Way:
    return lambda thing: draw(thing._view()) if isinstance(thing, Displayed) else ""


WAYS: dict[str, Way] = {
    "repr": repr,
    "str": str,
    "IPython": pretty,
    "IPython, inside": lambda thing: pretty([thing]),
    "rich": _printed,
    "rich, inside": lambda thing: pretty_repr([thing]),
    "notebook": _hooks,
    "HTML": _viewed(to_html),
    "text": _viewed(to_text),
}


@pytest.fixture(scope="module")
def things(lab: BatchSession) -> dict[str, object]:
    """Every object."""
    return everything(lab)


@pytest.fixture
def nobody_is_asked(things: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on a call to AWS fails the test."""

    def refuse(client: BaseClient, operation: str, *_: object) -> None:
        raise AssertionError(f"{client.meta.service_model.service_name}:{operation} was called")

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)


@pytest.mark.usefixtures("nobody_is_asked")
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_asked_and_nothing_secret_shown(way: str, things: dict[str, object], lab: BatchSession) -> None:
    """Neither a value of a variable, nor a secret, nor an option of a log driver, nor a key."""
    credentials = lab.boto3_session.get_credentials()
    assert credentials is not None
    for name, thing in things.items():
        text = WAYS[way](thing)
        assert SECRET not in text, f"{name} tells a secret in {way}: {text}"
        assert credentials.secret_key not in text
        assert text or way in ("notebook", "HTML", "text"), f"{name} shows nothing in {way}"


@pytest.mark.usefixtures("nobody_is_asked")
def test_comparing_asks_nobody(things: dict[str, object]) -> None:
    """Neither does a hash."""
    for thing in things.values():
        assert thing == thing
        assert type(thing).__hash__ is None or _hashed(thing)


def _hashed(thing: object) -> bool:
    try:
        return hash(thing) == hash(thing)
    except TypeError:
        return True  # it holds a mapping


def test_every_kind_was_tried(things: dict[str, object]) -> None:
    """A new class with a view of its own belongs into the collection."""
    tried = {type(thing)._view for thing in things.values() if isinstance(thing, Displayed)}
    untried = {cls.__qualname__ for cls in _displayed() if cls._view not in tried}
    assert untried <= {"Connection"}, untried


def _displayed() -> Iterator[type[Displayed]]:
    for module in pkgutil.walk_packages(batchwright.__path__, "batchwright."):
        importlib.import_module(module.name)
    waiting = [Displayed]
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if cls.__module__.startswith("batchwright."):
            yield cls
