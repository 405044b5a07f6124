"""The page about plans shows what a reader gets, and has every rule."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from batchwright.planning.warnings import RULES

from .test_documents import run
from .test_permissions import allowed

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "plan.md"
COLUMNS = "100"


@pytest.mark.usefixtures("account")
def test_what_it_prints_is_on_the_page(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, as in a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", COLUMNS)
    run(PAGE, ModuleType("documented"))
    shown = re.search(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert capsys.readouterr().out.startswith(shown[1])


def test_every_rule_is_on_the_page() -> None:
    """In the order in which they are run, with what each asks and AWS's page."""
    rows = [
        f"| {rule.says} | {', '.join(f'`{action}`' for action in rule.actions) or 'nothing'} | [AWS]({rule.source}) |"
        for rule in RULES
    ]
    shown = re.search(r"\| what is looked at .*?\n\| --- .*?\n(.*?)\n\n", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1].splitlines() == rows


def test_the_rights_to_plan_are_told() -> None:
    """Beside those that `ensure()` needs too."""
    asked = {action for rule in RULES for action in rule.actions}
    assert allowed("plan") == asked - allowed("everything")
