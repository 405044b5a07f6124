"""What is shown of a session: the tree of what is wired to it, as far as it is known without asking AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from batchwright._display import Branch, Fact, Text, Tone, View, status_text
from batchwright._display.times import counted, moment
from batchwright._wire import Description
from batchwright.connection import Connection
from batchwright.declaration import Declaration, landings_of
from batchwright.graph import in_order
from batchwright.jobs.description import FINISHED, JobDescription
from batchwright.memory import Memory
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_start import StartUnit

DEPTH_MAX: Final = 12
"""Resources in a row that are drawn."""
LINES_MAX: Final = 500
"""Resources that are drawn, those that are drawn again included."""
NOTHING_YET: Final = "nothing was made or read in this session yet; inventory() asks AWS what there is"
_AS_MANY_AS_JOBS: Final = (BatchJob, StartUnit)


def session_view(session: Connection, memory: Memory) -> View:
    """The session, what it has ensured or read with all that this depends on, and its jobs as a number.

    Args:
        session: The session.
        memory: What it has ensured.
    """
    known = [thing for thing in session.sightings.things() if isinstance(thing, Declaration)]
    tree = _Tree.over((*memory.resources(), *known))
    branches = tree.branches()
    return View(
        title=f"{type(session).__name__} {session.namespace!r}",
        facts=[*_identity(session), *_jobs(session, memory)],
        parts=[Branch(counted(len(tree.needs), "resource"), branches)] if branches else [],
        note=tree.note(),
    )


def _identity(session: Connection) -> Iterator[Fact]:
    made = session._boto3_session  # not made for this: that may fail
    region = session._region or (made.region_name if made is not None else None)
    yield Fact("region", region or "as boto3 is configured")
    if account := session._caller.get("Account"):
        yield Fact("account", account)
    if session.place:
        yield Fact("place", session.place)
    if session.tags:
        yield Fact("tags", "\n".join(f"{key}={value}" for key, value in session.tags.items()))


def _jobs(session: Connection, memory: Memory) -> Iterator[Fact]:
    # One job may have been read by its declaration, as a part of a list and by its id.
    read = {job.job_id: job.status for job in session.sightings.jobs() if isinstance(job, JobDescription)}
    known, statuses = memory.job_ids().union(read), Counter(read.values())
    # Those that may have moved since come first.
    order = sorted(statuses, key=lambda status: (status in FINISHED, status))
    seen = ", ".join(f"{statuses[status]:,} {status}" for status in order)
    if known:
        yield Fact("jobs known", f"{len(known):,}" + (f"; last seen {seen}" if seen else ""))


@attrs.define
class _Tree:
    """Resources, each with what it needs; what several need is drawn below the first of them."""

    needs: Mapping[Declaration, tuple[Declaration, ...]]
    newest: float = 0.0
    _drawn: set[Declaration] = attrs.field(factory=set[Declaration])
    _lines: int = 0

    @classmethod
    def over(cls, resources: Iterable[Declaration]) -> _Tree:
        """The tree of these and of all that they need; jobs are too many to be drawn."""
        wanted = [each for each in dict.fromkeys(resources) if not isinstance(each, _AS_MANY_AS_JOBS)]
        ordered = in_order(wanted, lambda each: each.dependencies())
        needs = {each: each.dependencies() for each in ordered if not isinstance(each, _AS_MANY_AS_JOBS)}
        sightings = [each.session.sightings.last(each) for each in needs]
        return cls(needs, newest=max((seen.read_at for seen in sightings if seen), default=0.0))

    def branches(self) -> list[Branch]:
        """What nothing else needs, with what it stands on: first what stands on most, whoever was made first."""
        needed = {other for others in self.needs.values() for other in others}
        roots = [each for each in self.needs if each not in needed]
        return self._branches(sorted(roots, key=lambda each: (-landings_of(each).height, each.label)), depth=0)

    def note(self) -> str:
        """Of when the statuses are."""
        return f"as last read, at the latest {moment(self.newest)}" if self.newest else NOTHING_YET

    def _branches(self, resources: Sequence[Declaration], *, depth: int) -> list[Branch]:
        branches: list[Branch] = []
        for each in resources:
            if depth == DEPTH_MAX or self._lines == LINES_MAX:
                return [*branches, Branch(Text("…", Tone.FAINT))]
            branches.append(self._branch(each, depth=depth))
        return branches

    def _branch(self, resource: Declaration, *, depth: int) -> Branch:
        self._lines += 1
        label = self._label(resource, resource.session.sightings.last(resource))
        below = [each for each in self.needs[resource] if each in self.needs]
        if resource in self._drawn:
            return Branch(label, [Branch(Text("…", Tone.FAINT))] if below else [])
        self._drawn.add(resource)
        return Branch(label, self._branches(below, depth=depth + 1))

    def _label(self, resource: Declaration, seen: Description | None) -> Text:
        if seen is None:
            return Text(f"{resource.label}, not read yet", Tone.FAINT)
        at, newest = moment(seen.read_at), moment(self.newest)
        day, _, time = at.partition(" ")
        status = status_text(seen.status)
        # That all is well is no news: a tree of it would be one colour.
        tone = Tone.PLAIN if status.tone is Tone.GOOD else status.tone
        return Text(f"{resource.label}, {status.text} at {time if newest.startswith(day) else at}", tone)
