"""The schedules that the real code passes are ones that it fails as soon as a rule of the protocol is taken out."""

import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest

from batchwright import SubmissionPolicy, attempt
from batchwright.jobs import claims, signature_gate

from . import fake_aws
from .stage import Choices, by_chance
from .test_real_code import play

Report = Callable[[str, object], None]
SEED = 7


def without_gate(patch: pytest.MonkeyPatch) -> None:
    """A request goes out whenever it was signed."""

    def let_pass(**_: object) -> None:
        gate = signature_gate._GATE.get()
        assert gate is not None
        gate.sent = True

    patch.setattr(signature_gate, "_check", let_pass)


def without_waiting_for_the_lag(patch: pytest.MonkeyPatch) -> None:
    """A claim is taken for dead as soon as AWS refuses its signature."""
    patch.setattr(fake_aws, "SubmissionPolicy", lambda: SubmissionPolicy(signature_window_s=fake_aws.ACCEPTS_S))


def with_one_token_a_process(patch: pytest.MonkeyPatch) -> None:
    """A renewal looks like the claim that it renews."""
    one = SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=threading.current_thread().name))
    patch.setattr(attempt, "uuid", one)
    patch.setattr(claims, "uuid", one)


def without_conditions(patch: pytest.MonkeyPatch) -> None:
    """Whoever finds a row writes it, whatever the claim."""

    def holds(condition: str, item: object, _: Mapping[str, object]) -> bool:
        return (item is None) == ("not_exists" in condition)

    patch.setattr(fake_aws, "holds", holds)


@pytest.mark.parametrize(
    "mutate", [without_gate, without_waiting_for_the_lag, with_one_token_a_process, without_conditions]
)
def test_no_rule_can_go(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, report_figure: Report
) -> None:
    """A schedule by chance finds a second SubmitJob, and prints how it came to that."""
    mutate(monkeypatch)
    played: list[Choices] = []

    def run(choices: Choices) -> None:
        played.append(choices)
        play(choices, 3)

    with pytest.raises(AssertionError, match="a second SubmitJob was sent") as found:
        by_chance(run, seed=SEED, runs=4_000)
    print(found.value)
    report_figure(f"real code {mutate.__name__}", f"wrong in schedule {len(played)}")
