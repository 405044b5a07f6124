"""Every kind of object can be shown in each way, and no way shows a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from pictures.kinds import SECRET, account, things
from pictures.page import notebook, page
from pictures.terminal import recorded


@pytest.fixture(scope="module")
def shown() -> Iterator[Mapping[str, object]]:
    """One of every kind."""
    with account() as session:
        yield things(session)


def test_a_notebook_shows_every_kind(shown: Mapping[str, object]) -> None:
    """As HTML or as a picture, and as plain text for whoever has neither."""
    made = notebook(shown)
    outputs = {cell.source: cell.outputs[0].data for cell in made.cells}
    assert len(outputs) == len(shown)
    assert not [name for name, data in outputs.items() if not data["text/plain"].strip()]
    assert not [name for name, data in outputs.items() if not {"text/html", "image/png"} & set(data)]
    assert SECRET not in str(made)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_loads_nothing_and_runs_nothing_of_ours(shown: Mapping[str, object], theme: str) -> None:
    """What is exported is whole, and holds no secret and no markup of others."""
    made = page(shown, theme)
    assert made.count('class="bw"') > len(shown) / 2
    assert SECRET not in made
    assert "<script>alert" not in made
    assert not re.search(r"<img (?!alt)[^>]*onerror", made)


@pytest.mark.parametrize("width", [40, 100])
def test_a_terminal_shows_every_kind(shown: Mapping[str, object], width: int) -> None:
    """In its width, with no secret."""
    text = recorded(shown, width, coloured=True).export_text(styles=False)
    assert max(map(len, text.splitlines())) <= width
    assert SECRET not in text
    assert text.count(" ========") + text.count("======== ") > len(shown) / 2
