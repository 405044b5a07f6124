"""Reading in threads: what Ctrl-C leaves behind ends by itself, and holds nobody up."""

import threading
from concurrent.futures import CancelledError, Future

import pytest

from batchwright.side_by_side import go_on, read_each, readers

LONG_S = 30.0


def test_results_are_in_order() -> None:
    """Of none, of one, which needs no thread, and of many."""
    here = threading.current_thread()
    assert read_each([], str) == []
    assert read_each([1], lambda _: threading.current_thread()) == [here]
    assert read_each(range(50), str) == [str(number) for number in range(50)]


def test_ctrl_c_waits_for_no_answer() -> None:
    """A call that is under way keeps nobody; its thread makes no further one."""
    under_way, answered = threading.Event(), threading.Event()
    ends = list[str]()

    def listing() -> None:
        under_way.set()
        answered.wait(LONG_S)
        try:
            go_on()
        except CancelledError:
            ends.append("given up")
            raise
        ends.append("went on")

    reads = list[Future[None]]()

    def press_ctrl_c() -> None:
        with readers(1) as pool:
            reads.append(pool.submit(listing))
            assert under_way.wait(LONG_S)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        press_ctrl_c()
    assert not reads[0].done()
    answered.set()
    assert isinstance(reads[0].exception(LONG_S), CancelledError)
    assert ends == ["given up"]


def test_an_error_waits_for_the_others() -> None:
    """What is not Ctrl-C leaves no thread behind."""
    reads = list[Future[None]]()

    def fail() -> None:
        with readers(1) as pool:
            reads.append(pool.submit(go_on))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert reads[0].done()
