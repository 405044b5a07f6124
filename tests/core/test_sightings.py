"""What a session remembers of what it has read: little, and for showing only."""

import pickle
from concurrent.futures import ThreadPoolExecutor

from batchwright import BatchSession
from batchwright.jobs.description import JobDescription
from batchwright.sightings import KEPT, LINE_MAX, LOGS_KEPT, Sightings


class Thing:
    """Known by a number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def _identity(self) -> tuple[object, ...]:
        return ("thing", self.number)


def _job(number: int, status: str = "RUNNING", *, read_at: float = 0.0) -> JobDescription:
    return JobDescription(job_id=str(number), name=f"sub-{number}", status=status, read_at=read_at)


def test_only_the_newest_are_kept() -> None:
    """However many jobs a session reads, it does not grow, and they push out nothing but each other."""
    sightings = Sightings()
    sightings.see(Thing(-1), _job(-1))
    for number in range(KEPT + 10):
        sightings.see_job(str(number), _job(number), Thing(number))
        sightings.see_lines(Thing(number), ["a"], left_out=0, read_at=1.0)
    assert len(sightings.jobs()) == KEPT
    assert sightings.last(Thing(9)) is sightings.last_lines(Thing(KEPT + 9 - LOGS_KEPT)) is None
    assert sightings.last(Thing(10)) == _job(10)
    assert sightings.last(Thing(-1)) == _job(-1)


def test_what_is_read_again_counts_as_new() -> None:
    """A job that is looked at often is not forgotten for others."""
    sightings = Sightings()
    for number in [*range(KEPT), 0, KEPT]:
        sightings.see_job(str(number), _job(number), Thing(number))
    assert sightings.last(Thing(0)) is not None
    assert sightings.last(Thing(1)) is None


def test_of_a_long_line_only_the_beginning_is_kept() -> None:
    """Twenty lines of a megabyte each are no memory of a log."""
    sightings = Sightings()
    sightings.see_lines(Thing(1), ["x" * 5_000, "short"], left_out=3, read_at=1.0)
    last = sightings.last_lines(Thing(1))
    assert last is not None
    assert last.lines == (f"{'x' * LINE_MAX}… (3,000 characters more)", "short")
    assert last.left_out == 3


def test_threads_share_it() -> None:
    """Waits run side by side."""
    sightings = Sightings()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: sightings.see_job(str(number), _job(number), Thing(number)), range(3 * KEPT)))
    assert len(sightings.jobs()) == KEPT


def test_of_each_identity_the_last_sight_is_told() -> None:
    """A session tells how its jobs stand, as they were read last."""
    sightings = Sightings()
    for number, status in ((1, "RUNNING"), (2, "FAILED"), (1, "SUCCEEDED")):
        sightings.see_job(str(number), _job(number, status), Thing(number))
    assert [job.status for job in sightings.jobs()] == ["FAILED", "SUCCEEDED"]


def test_it_does_not_travel() -> None:
    """A session in another process has read nothing."""
    session = BatchSession("lab", region="us-east-2")
    session.sightings.see_job("1", _job(1), Thing(1))
    copy = pickle.loads(pickle.dumps(session))
    assert copy.sightings.last(Thing(1)) is None
    assert session.sightings.last(Thing(1)) is not None


def test_what_was_read_before_replaces_nothing() -> None:
    """Two threads read one job, and the one that asked first comes last; what has no id is kept by nobody."""
    sightings = Sightings()
    sightings.see_job("1", _job(1, "SUCCEEDED", read_at=2.0), Thing(1))
    sightings.see_job("1", _job(1, "RUNNING", read_at=1.0))
    sightings.see_job("", _job(2), Thing(2))
    assert [job.status for job in sightings.jobs()] == ["SUCCEEDED"]
    assert sightings.last(Thing(2)) is None
    assert sightings.last(Thing(3), "1") is sightings.last_of_job("1") is sightings.last(Thing(1))
