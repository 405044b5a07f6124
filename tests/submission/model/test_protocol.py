"""The submission protocol as a model: what it promises holds in every interleaving, and none of its rules can go."""

from collections.abc import Callable

import pytest

from .protocol import Protocol
from .search import explore
from .state import Rules, Times

Report = Callable[[str, object], None]
MANY_TIMES = Times(claim=2, accepts=3, lag=4, skew=3)
"""With room between any two of them, and clocks as far off as AWS takes them."""
FOR_THREE = Times(claim=1, accepts=1, lag=1, skew=0)
FEW_TIMES = Times(claim=1, accepts=1, lag=0, skew=0)
"""For what takes three claimants and a missing rule, and for late listings, where there are many more states."""


def test_two_claimants_make_one_job(report_figure: Report) -> None:
    """Pauses, deaths, lost and late requests, clocks that are off: one job, a row by which to find it, and a way on.

    From every state the first claimant can end with exactly one job, alone and without faults.
    """
    found = explore(Protocol(MANY_TIMES))
    assert not found.wrong, found.wrong
    assert found.stranded == 0
    assert found.states > 100_000
    report_figure("two claimants", f"{found.states:,} states, {found.transitions:,} transitions, none wrong")


def test_three_claimants_make_one_job(report_figure: Report) -> None:
    """A third can release what the second took over, so that the first claims again: still one job."""
    found = explore(Protocol(FOR_THREE), 3, is_live=False)
    assert not found.wrong, found.wrong
    assert found.states > 10_000
    report_figure("three claimants", f"{found.states:,} states, {found.transitions:,} transitions, none wrong")


def test_a_job_listed_too_late_still_costs_no_order(report_figure: Report) -> None:
    """Outside what AWS is taken to keep, there may be two jobs.

    No request is sent while an earlier one can be accepted, and the row's job never changes and is not ended.
    """
    found = explore(Protocol(FEW_TIMES, Rules(lists_in_time=False)), is_live=False)
    assert not found.wrong, found.wrong
    report_figure("listed too late", f"{found.states:,} states, {found.transitions:,} transitions, none wrong")


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("gate", "AWS has accepted an earlier request"),
        ("waits", "AWS has accepted an earlier request"),
        ("waits_for_lag", "AWS has accepted an earlier request"),
        ("by_aws_clock", "AWS has accepted an earlier request"),
        ("looks", "AWS has accepted an earlier request"),
        ("fresh_tokens", "AWS could still accept an earlier request"),
        ("releases_unsent_only", "there is a job or a request, and no row to find it by"),
    ],
)
def test_no_rule_can_go(rule: str, wrong: str, report_figure: Report) -> None:
    """Without it, the search finds a way to a second job; the shortest is printed."""
    found = explore(Protocol(rules=Rules()._replace(**{rule: False})), is_live=False)
    assert found.wrong.endswith(f"=> {wrong}")
    print(found.wrong)
    report_figure(f"without {rule!r}", f"wrong after {found.wrong.count(chr(10))} steps")


def test_a_job_is_recorded_by_token(report_figure: Report) -> None:
    """Without the token, a job that was listed too late takes the place of the one that the row says."""
    found = explore(Protocol(FEW_TIMES, Rules(lists_in_time=False, records_by_token=False)), is_live=False)
    assert found.wrong.endswith("=> the row had a job")
    report_figure("without 'records_by_token'", f"wrong after {found.wrong.count(chr(10))} steps")


def test_a_call_that_claims_twice_takes_another_token(report_figure: Report) -> None:
    """With three, a claim that was released and put again would be taken for the dead one that somebody saw."""
    found = explore(Protocol(FEW_TIMES, Rules(fresh_claims=False)), 3, is_live=False)
    assert found.wrong.endswith("=> AWS could still accept an earlier request")
    print(found.wrong)
    report_figure("without 'fresh_claims'", f"wrong after {found.wrong.count(chr(10))} steps")
