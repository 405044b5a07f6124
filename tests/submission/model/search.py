"""Breadth-first search over every interleaving, what must hold, and the shortest way to where it does not."""

import itertools
from collections import defaultdict, deque

import attrs

from .protocol import Protocol
from .state import NOBODY, Move, World, canonical, placed, start, unnamed


@attrs.frozen
class Explored:
    """What a search found.

    Attributes:
        states: How many worlds can be reached.
        transitions: How many steps there are between them.
        wrong: The shortest way to a violation, as text; empty where there is none.
        stranded: Worlds from which the first claimant, alone and without faults, cannot end with one job.
    """

    states: int
    transitions: int
    wrong: str = ""
    stranded: int = 0


def violated(world: World, *, lists_in_time: bool) -> str:
    """What is wrong with a world, or an empty string."""
    row, alive = world.row, [number for number, job in enumerate(world.jobs, start=1) if job.alive]
    if row is None and (world.requests or (alive and lists_in_time)):
        return "there is a job or a request, and no row to find it by"
    if row is not None and row.job and row.job not in alive:
        return "the row's job is not there"
    if lists_in_time and len(world.jobs) > 1:
        return "two jobs"
    return ""


def is_good(world: World) -> bool:
    """One job, and the row says which."""
    alive = [number for number, job in enumerate(world.jobs, start=1) if job.alive]
    return world.row is not None and alive == [world.row.job]


def explore(protocol: Protocol, claimants: int = 2, *, jobs_at_most: int = 2, is_live: bool = True) -> Explored:
    """Visit all that can be reached; stop at the first violation, which is one of the nearest.

    Args:
        protocol: The rules.
        claimants: How many processes there are at once; each may die and begin anew without end.
        jobs_at_most: Worlds with more jobs are not followed.
        is_live: Whether to look for worlds that are stranded.
    """
    first = start(claimants)
    parents: dict[World, World | None] = {first: None}
    before: defaultdict[World, list[World]] = defaultdict(list)
    queue, transitions = deque([first]), 0
    same = canonical if is_live else unnamed  # whose ends are looked for has a name
    in_time = protocol.rules.lists_in_time
    while queue:
        world = queue.popleft()
        for move in protocol.moves(world):
            transitions += 1
            there = same(move.world)
            wrong = move.wrong or (there not in parents and violated(there, lists_in_time=in_time))
            if wrong:
                way = told(protocol, parents, world, move, is_named=is_live)
                return Explored(len(parents), transitions, f"{way}\n=> {wrong}")
            if is_live and move.fair and move.who in (NOBODY, 0):
                before[there].append(world)
            if there not in parents and len(there.jobs) <= jobs_at_most:
                parents[there] = world
                queue.append(there)
    return Explored(len(parents), transitions, stranded=stranded(list(parents), before) if is_live else 0)


def stranded(worlds: list[World], before: defaultdict[World, list[World]]) -> int:
    """How many of these do not lead to a good one."""
    todo = [world for world in worlds if is_good(world)]
    fine = set(todo)
    while todo:
        for world in before[todo.pop()]:
            if world not in fine:
                fine.add(world)
                todo.append(world)
    return len(worlds) - len(fine)


def told(protocol: Protocol, parents: dict[World, World | None], world: World, last: Move, *, is_named: bool) -> str:
    """The way to a violation, one line a step; steps that repeat are one line."""
    way, names = [world], list("ABC")
    while (parent := parents[way[-1]]) is not None:
        way.append(parent)
    lines: list[str] = []
    same = canonical if is_named else unnamed
    for here, there in itertools.pairwise(reversed(way)):
        move = next(move for move in protocol.moves(here) if same(move.world) == there)
        lines.append(line(move, names))
        if not is_named:
            names = [names[who] for who in placed(move.world)]
    return "\n".join(folded([*lines, line(last, names)]))


def line(move: Move, names: list[str]) -> str:
    """One step."""
    return move.words if move.who == NOBODY else f"{names[move.who]} {move.words}"


def folded(lines: list[str]) -> list[str]:
    """The same lines, with how often where one repeats."""
    groups = [(text, len(list(group))) for text, group in itertools.groupby(lines)]
    return [text if times == 1 else f"{text} ({times} times)" for text, times in groups]
