"""A session shows the tree of what is wired to it, from what it has read."""

import pickle
from collections.abc import Iterator

import pytest

import batchwright
from batchwright import BatchSession
from batchwright._display import Branch, Text, Tone, to_text
from batchwright._wire import Description
from batchwright.lifecycle import Resource
from batchwright.wiring import DEPTH_MAX, LINES_MAX

from .looking import facts, tree


@batchwright.resource(kw_only=True)
class Link(Resource[Description]):
    """Needs others of its kind."""

    kind = "link"

    needs: tuple["Link", ...] = ()


def _tree(session: BatchSession) -> list[str]:
    return [line for part in session._view().parts if isinstance(part, Branch) for line in tree(part)]


def test_a_new_session_says_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without asking boto3, which may know no region, and without an account, which only AWS can tell."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    session = BatchSession("lab", tags={"project": "reads"})
    view = session._view()
    assert view.title == "BatchSession 'lab'"
    assert facts(view) == {"region": "as boto3 is configured", "tags": "project=reads"}
    assert list(view.parts) == []
    assert repr(session) == "BatchSession('lab', region=None)"


def test_what_is_ensured_is_drawn_with_what_it_needs(session: BatchSession) -> None:
    """What several need is drawn in full below the first."""
    session.tags = {}
    environment = session.compute_environment(name="lab")
    queue = session.job_queue(name="lab", compute_environments=environment)
    session.ensure(queue, session.efs_volume(name="scratch"))
    assert _tree(session) == [
        "7 resources",
        "  job queue 'lab', VALID",
        "    compute environment 'lab', VALID",
        "      default network 'default', ACTIVE",
        "      security group 'batchwright-test', ACTIVE",
        "        default network 'default', ACTIVE",
        "      instance profile 'batchwright-test-us-east-2-instance', ACTIVE",
        "        IAM role 'batchwright-test-us-east-2-instance', ACTIVE",
        "  EFS volume 'scratch', available",
        "    default network 'default', ACTIVE",
        "    security group 'batchwright-test', ACTIVE",
        "      …",
    ]
    assert facts(session._view())["account"] == "123456789012"
    assert session._view().note.startswith("as last read, at the latest 20")


def test_a_branch_tells_the_time_of_the_look(session: BatchSession) -> None:
    """Times of the day of the newest look are told without the day."""
    policy, other = session.scheduling_policy(name="fair"), session.scheduling_policy(name="other")
    policy.ensure()
    session.clock.sleep(2 * 86_400)
    other.ensure()
    root = next(part for part in session._view().parts if isinstance(part, Branch))
    older, newer = (branch.label for branch in root.branches)
    assert isinstance(newer, Text)
    assert isinstance(older, Text)
    assert newer.text.startswith("scheduling policy 'other', ACTIVE at ")
    assert len(older.text.partition(" at ")[2]) == len("2026-11-23 12:00:00 UTC")
    assert len(newer.text.partition(" at ")[2]) == len("12:00:00 UTC")


@pytest.mark.parametrize(("status", "tone"), [("VALID", Tone.PLAIN), ("INVALID", Tone.BAD), ("UPDATING", Tone.BUSY)])
def test_only_what_is_not_well_stands_out(session: BatchSession, status: str, tone: Tone) -> None:
    """A tree of green names says nothing."""
    session.sightings.see(session.scheduling_policy(name="fair"), Description(status=status, read_at=1.0))
    root = next(part for part in session._view().parts if isinstance(part, Branch))
    assert root.branches[0].label == Text(f"scheduling policy 'fair', {status} at 00:00:01 UTC", tone)


def test_what_is_gone_is_not_drawn(session: BatchSession) -> None:
    """Deleting takes it out of the tree."""
    policy = session.scheduling_policy(name="fair")
    session.ensure(policy)
    assert _tree(session) == ["1 resource", "  scheduling policy 'fair', ACTIVE"]
    session.delete(policy)
    assert _tree(session) == []


def test_jobs_are_a_number(session: BatchSession) -> None:
    """Those that were submitted here and those that were read, each once; by status where they were read."""
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"))
    definition = session.job_definition(name="convert", image="busybox")
    jobs = [session.batch_job(name=f"sub-{n}", definition=definition, queue=queue) for n in range(3)]
    assert all(result.ok for result in session.submit_many(jobs))
    assert facts(session._view())["jobs known"] == "3"
    for job in jobs[:2]:
        job.wait()
        session.jobs(name=job.name)[0].describe()
    assert facts(session._view())["jobs known"] == "3; last seen 2 SUCCEEDED"
    assert not any("sub-" in line for line in _tree(session))


def test_a_long_chain_is_cut(session: BatchSession) -> None:
    """Neither the depth nor the sharing of a graph makes the tree endless."""
    link = Link(session, name="0")
    for number in range(1, 400):
        link = Link(session, name=str(number), needs=(link, *link.needs))
    session.sightings.see(link, Description(read_at=1.0))
    lines = _tree(session)
    assert lines[:3] == ["400 resources", "  link '399', ACTIVE", "    link '398', not read yet"]
    assert len([line for line in lines if not line.endswith("…")]) == LINES_MAX + 1
    assert not any(line.startswith("  " * (DEPTH_MAX + 3)) for line in lines)
    assert "link '399'" in to_text(session._view())


@pytest.fixture
def plain() -> Iterator[BatchSession]:
    """A session that can be pickled."""
    with BatchSession("lab", region="us-east-2") as session:
        yield session


def test_a_session_that_travelled_has_read_nothing(plain: BatchSession) -> None:
    """And its resources neither."""
    policy = plain.scheduling_policy(name="fair")
    plain.sightings.see(policy, Description(read_at=1.0))
    session, copy = pickle.loads(pickle.dumps((plain, policy)))
    assert _tree(plain) != []
    assert _tree(session) == []
    assert copy._view().note.startswith("not read yet")
