"""The list of rules in the documentation, made from the register: `python -m tests.diagnosis.page` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from batchwright.diagnosis.areas import AREAS
from batchwright.diagnosis.rules import RULES, Rule

PAGE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "diagnosis.md"
BEGIN: Final = "<!-- rules -->"
END: Final = "<!-- end of rules -->"


def published() -> str:
    """The list as the page has it."""
    return PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip("\n")


def made() -> str:
    """The list as the register has it."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for area in AREAS:
        rules = [rule for rule in RULES.values() if rule.check.__module__ == area.__name__]
        if rules:
            yield f"### {_title(area)}\n"
            yield "| rule | finds that | asks | AWS writes of it |"
            yield "| --- | --- | --- | --- |"
            yield from map(_row, rules)
            yield ""


def _title(area: ModuleType) -> str:
    """The first line of its docstring, without the words that all of them begin with."""
    said = (area.__doc__ or "").strip().splitlines()[0].rstrip(".")
    said = said.removeprefix("What belongs to a job, and rules of ").removeprefix("Rules of ")
    said = said.removeprefix("The rule of ").partition(":")[0].partition(", which")[0]
    return said[:1].upper() + said[1:]


def _row(rule: Rule) -> str:
    actions = ", ".join(f"`{action}`" for action in rule.actions) or "what its kind reads"
    name = rule.source.rstrip("/").rpartition("/")[2].partition("#")[0].removesuffix(".html")
    return f"| `{rule.id}` | {rule.says} | {actions} | [{name}]({rule.source}) |"


def main() -> None:
    """Put the list into the page."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{made()}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
