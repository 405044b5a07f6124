"""The page of rules says what the rules are."""

from batchwright.diagnosis.rules import RULES

from .page import made, published


def test_the_page_lists_the_rules_as_they_are() -> None:
    """With AWS's sources; `python -m tests.diagnosis.page` brings it up to date."""
    assert published().strip() == made().strip()
    assert all(f"`{rule}`" in published() for rule in RULES)
