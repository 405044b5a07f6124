"""Views as data, for tests."""

from collections.abc import Iterator

from batchwright._display import Branch, Grid, Said, Text, View


def facts(view: View) -> dict[str, str]:
    """What it says, by name."""
    return {fact.name: text(fact.value) for fact in view.facts}


def links(view: View) -> dict[str, str]:
    """Where its facts lead to, by name."""
    return {fact.name: fact.value.url for fact in view.facts if isinstance(fact.value, Text) and fact.value.url}


def grid(view: View, title: str = "") -> list[dict[str, str]]:
    """The lines of a table, by heading."""
    found = next(part for part in view.parts if isinstance(part, Grid) and part.title == title)
    return [dict(zip(found.headings, map(text, line), strict=True)) for line in found.lines]


def tree(branch: Branch, depth: int = 0) -> Iterator[str]:
    """A tree as indented lines, without the times."""
    yield "  " * depth + text(branch.label).partition(" at ")[0]
    for below in branch.branches:
        yield from tree(below, depth + 1)


def text(said: Said) -> str:
    """The text of a piece of text."""
    return said.text if isinstance(said, Text) else said
