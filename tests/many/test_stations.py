"""The stations of `submit_many` while they are being closed: what comes late is worked on all the same."""

import threading

from batchwright.many_submissions.collecting import Collector
from batchwright.many_submissions.entry import Entry
from batchwright.many_submissions.pipeline import Pipeline
from batchwright.memory import Memory

from .conftest import Lab


def test_what_a_collector_gives_back_to_itself_while_it_closes_hangs_nobody() -> None:
    """A table that was made again while the caller has left: its claims come back to where they were."""
    done: list[int] = []

    def work(items: list[int]) -> None:
        done.extend(items)
        if items == [1]:
            closing.start()
            while not collector._closed:
                threading.Event().wait(0.01)
            collector.add(2)

    collector = Collector(work, done.append, linger_s=0.0, most=lambda: 1, name="test")  # type: ignore[arg-type]  # no error comes
    closing = threading.Thread(target=collector.close, daemon=True)
    collector.add(1)
    collector._thread.join(10)
    assert done == [1, 2]
    closing.join(10)
    assert not closing.is_alive()


def test_what_is_to_be_recorded_after_the_end_is_recorded_there(lab: Lab) -> None:
    """The last thread that sends may be told to write a record alone when no thread takes that over any more."""
    written: list[Entry] = []
    entry = Entry(lab.job())
    with Pipeline(lab.session, Memory()) as pipeline:
        pass
    pipeline._work(pipeline._lookers, written.append, entry)
    assert written == [entry]
