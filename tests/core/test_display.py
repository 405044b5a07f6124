"""How objects look: from their fields, with nothing secret and nothing endless."""

from collections.abc import Mapping

import attrs
import pytest
from IPython.lib.pretty import pretty
from rich.pretty import pretty_repr

from batchwright._display import HIDDEN, Displayed, hidden, quiet, redacted, shown


@attrs.frozen(kw_only=True)
class Card(Displayed):
    """Something with fields of every sort."""

    name: str
    size: int = 1
    environment: Mapping[str, str] = attrs.field(factory=dict[str, str], metadata=redacted())
    token: str = attrs.field(default="", metadata=redacted())
    raw: object = attrs.field(default=None, metadata=quiet())
    others: tuple[object, ...] = ()
    by_path: Mapping[str, object] = attrs.field(factory=dict[str, object])


@attrs.frozen
class PlainCard(Card):
    """A subclass that leaves the repr to its decorator."""


class Other:
    """Prints as a reference."""

    def reference(self) -> str:
        return "<Other 'b'>"


def _card(cls: type[Card] = Card) -> Card:
    return cls(
        name="a<b>",
        environment={"PASSWORD": "hunter2"},
        token="hunter2",
        raw={"x": "hunter2"},
        others=(Other(), [Other()]),
        by_path={"/mnt": Other()},
    )


def test_a_repr_names_what_is_not_default() -> None:
    """Defaults and quiet fields are left out."""
    assert repr(Card(name="a")) == "Card(name='a')"
    assert repr(Card(name="a", size=2, raw=1)) == "Card(name='a', size=2)"


@pytest.mark.parametrize("cls", [Card, PlainCard])
@pytest.mark.parametrize("show", [repr, str, pretty, pretty_repr, Card._repr_html_])
def test_nothing_secret_shows(cls: type[Card], show: object) -> None:
    """In no way of showing does a redacted or quiet value appear; its key does."""
    text = show(_card(cls))  # type: ignore[operator]  # one of the functions above
    assert "hunter2" not in text
    assert "PASSWORD" in text
    assert HIDDEN in text


def test_other_resources_print_as_references() -> None:
    """Inside tuples, lists and mappings too, without quotes."""
    assert "others=(<Other 'b'>, [<Other 'b'>])" in repr(_card())
    assert "by_path={'/mnt': <Other 'b'>}" in repr(_card())


def test_html_is_escaped() -> None:
    """A name is no markup, and long values are cut."""
    text = Card(name="<script>", others=("x" * 1000,))._repr_html_()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "x" * 400 not in text


def test_ipython_shows_the_view_and_inside_a_list_the_code() -> None:
    """By itself it reads as text; among others it is short, one field a line where it is long."""
    assert pretty(Card(name="a", size=2)).splitlines() == ["Card 'a'", "  size  2"]
    assert pretty([Card(name="a")]) == "[Card(name='a')]"
    assert pretty([_card()]).startswith("[Card(name='a<b>',\n     environment=")


def test_hidden_keeps_names_only() -> None:
    """Mappings keep their keys, what is empty stays visible as empty."""
    assert hidden({"A": "x"}) == {"A": HIDDEN}
    assert (hidden("x"), hidden(""), hidden(None), hidden({})) == (HIDDEN, "", None, {})
    assert shown("x") == "x"
