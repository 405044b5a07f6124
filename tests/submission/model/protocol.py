"""The submission protocol as moves between worlds: everything that can happen next, one API call at a time.

Whatever takes time or stops for a while is told by ticks between two moves, of which there may be any number.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar

import attrs

from .state import (
    CLAIMING,
    FOLLOWING,
    IDLE,
    LOOKING,
    NOBODY,
    READING_BACK,
    RECORDING,
    RECORDING_FOUND,
    RELEASING,
    RENEWING,
    RENEWING_AGAIN,
    REREADING,
    SENDING,
    TERMINATING,
    WAITING,
    Claimant,
    Job,
    Move,
    Request,
    Row,
    Rules,
    Times,
    World,
    fresh_token,
    later,
)

Moves = Iterator[Move]


@attrs.frozen
class Protocol:
    """What can happen, by these times and rules."""

    times: Times = attrs.field(factory=Times)
    rules: Rules = attrs.field(factory=Rules)

    def moves(self, world: World) -> Moves:
        """Everything that can happen next."""
        yield Move(NOBODY, "a tick goes by", later(world, self.times))
        for request in world.requests:
            yield from self.delivered(world, request)
        for who, claimant in enumerate(world.claimants):
            yield from self._next[claimant.at](self, world, who, claimant)
            if claimant.at != IDLE:
                yield Move(who, f"dies while {claimant.at}", self.gone(world, who), fair=False)
            if claimant.at in (CLAIMING, RENEWING_AGAIN) or (claimant.at == SENDING and claimant.held):
                yield self.interrupted(world, who, claimant)

    # --- AWS ------------------------------------------------------------------------------------------------------

    def delivered(self, world: World, request: Request) -> Moves:
        """AWS gets a request that it may accept."""
        rest = list(world.requests)
        rest.remove(request)
        made = world._replace(requests=tuple(rest), jobs=(*world.jobs, Job(request.signed)))
        who = request.sender
        if who == NOBODY:
            yield Move(NOBODY, "AWS accepts a late request", made)
            return
        sender = world.claimants[who]
        yield Move(
            who, "gets a job", made.where(who, Claimant(RECORDING, sender.mine, sender.mine, job=len(made.jobs)))
        )
        yield Move(who, "gets a job, but no answer", made.where(who, self.in_doubt(sender)), fair=False)

    def gone(self, world: World, who: int) -> World:
        """Nobody is in that place any more; its request goes on."""
        requests = tuple(each._replace(sender=NOBODY) if each.sender == who else each for each in world.requests)
        return world._replace(requests=requests).where(who, Claimant())

    def interrupted(self, world: World, who: int, claimant: Claimant) -> Move:
        """An error, or Ctrl-C, while nothing was sent under a claim that is its own, or may be."""
        releasing = Claimant(RELEASING, claimant.mine)
        return Move(who, f"is interrupted while {claimant.at}", world.where(who, releasing), fair=False)

    def in_doubt(self, claimant: Claimant) -> Claimant:
        """The outcome of its request is unknown to it."""
        if not self.rules.releases_unsent_only:
            return Claimant(RELEASING, claimant.mine)
        return Claimant(FOLLOWING, claimant.mine)

    # --- a claimant -----------------------------------------------------------------------------------------------

    def limits(self) -> range:
        """What `now + claim` may be in the row: the clock is off, and may have been read long before."""
        return range(-(self.times.window + 1), self.times.claim + self.times.skew + 1)

    def begun(self, world: World, who: int, _: Claimant) -> Moves:
        """Somebody calls submit_once."""
        yield Move(who, "begins", world.where(who, Claimant(CLAIMING, fresh_token(world))))

    def claimed(self, world: World, who: int, claimant: Claimant) -> Moves:
        """PutItem, if there is no row; sent again by botocore, it is the same item (`seen` says so)."""
        row, is_again = world.row, claimant.seen != 0
        if row is not None and is_again and row.token == claimant.mine:
            yield Move(who, "finds its own claim", world.where(who, claimant._replace(at=SENDING, seen=0, held=True)))
        elif row is not None:
            yield self.read_by(world, who, claimant.mine)
        else:
            for limit in (claimant.limit,) if is_again else self.limits():
                made = world._replace(row=Row(claimant.mine, limit))
                mine = Claimant(SENDING, claimant.mine, 0, limit, 0, True)
                yield Move(who, f"claims, to sign by {limit:+}", made.where(who, mine))
                again = Claimant(CLAIMING, claimant.mine, claimant.mine, limit)
                yield Move(who, f"claims, to sign by {limit:+}, unheard", made.where(who, again), fair=False)

    def read_by(self, world: World, who: int, mine: int) -> Move:
        """A row that is there: with its job it is the end."""
        row = world.row
        if row is not None and row.job:
            return self.returned(world, who, row.job)
        return Move(who, "finds a claim", world.where(who, Claimant(FOLLOWING, mine)))

    def returned(self, world: World, who: int, job: int) -> Move:
        """The call returns a job."""
        right = world.row is not None and world.row.job == job and world.jobs[job - 1].alive
        return Move(who, f"returns job {job}", world.where(who, Claimant()), True, "" if right else "not the row's job")

    def sent(self, world: World, who: int, claimant: Claimant) -> Moves:
        """Sign, ask the gate, send."""
        for signed in range(-self.times.skew, self.times.skew + 1):
            if self.rules.gate and signed > claimant.limit:
                late = Claimant(RENEWING, claimant.mine, claimant.mine)
                yield Move(who, f"signs at {signed:+}, too late", world.where(who, late))
                continue
            out = world._replace(requests=(*world.requests, Request(signed, who)))
            wrong = "AWS could still accept an earlier request" if world.requests else ""
            if world.jobs and self.rules.lists_in_time:
                wrong = "AWS has accepted an earlier request"
            yield Move(who, f"sends, signed at {signed:+}", out.where(who, claimant._replace(at=WAITING)), True, wrong)

    def answered(self, world: World, who: int, claimant: Claimant) -> Moves:
        """An answer that makes no job, or none at all."""
        requests = tuple(each for each in world.requests if each.sender != who)
        refused = world._replace(requests=requests)
        yield Move(who, "is refused for now", refused.where(who, claimant._replace(at=SENDING)))
        ended = Claimant(RELEASING, claimant.mine) if claimant.held else Claimant()
        yield Move(who, "is refused", refused.where(who, ended), fair=False)
        doubts = self.gone(world, who).where(who, self.in_doubt(claimant))
        yield Move(who, "gives up waiting", doubts, fair=requests == world.requests)

    def recorded(self, world: World, who: int, claimant: Claimant) -> Moves:
        """UpdateItem with the job's id, if the claim is still there."""
        row = world.row
        if row is not None and (not self.rules.records_by_token or (row.token == claimant.seen and not row.job)):
            wrong = "the row had a job" if row.job not in (0, claimant.job) else ""
            made = world._replace(row=row._replace(job=claimant.job))
            end = self.returned(made, who, claimant.job)
            yield end._replace(words=f"records and {end.words}", wrong=wrong or end.wrong)
            yield Move(who, f"records job {claimant.job}, unheard", made, fair=False)
        elif claimant.at == RECORDING:
            yield Move(who, "cannot record", world.where(who, claimant._replace(at=READING_BACK)))
        else:
            yield Move(who, "cannot record", world.where(who, Claimant(REREADING, claimant.mine)))

    def read_back(self, world: World, who: int, claimant: Claimant) -> Moves:
        """Why the job could not be recorded; under a claim that has none yet, it is."""
        row = world.row
        if row is None:
            yield Move(who, "raises: the row is gone", world.where(who, Claimant()))
        elif not row.job:
            yield Move(who, "finds a claim", world.where(who, claimant._replace(at=RECORDING, seen=row.token)))
        elif row.job == claimant.job:
            yield self.returned(world, who, row.job)
        else:
            yield Move(who, "finds another job", world.where(who, claimant._replace(at=TERMINATING)))

    def terminated(self, world: World, who: int, claimant: Claimant) -> Moves:
        """The duplicate's own claimant ends it, and says so."""
        jobs = list(world.jobs)
        jobs[claimant.job - 1] = jobs[claimant.job - 1]._replace(alive=False)
        row = world.row
        wrong = "the row's job was ended" if row and row.job == claimant.job else ""
        end = world._replace(jobs=tuple(jobs)).where(who, Claimant())
        yield Move(who, f"ends its job {claimant.job}, a duplicate, and returns the row's", end, True, wrong)

    def followed(self, world: World, who: int, claimant: Claimant) -> Moves:
        """GetItem."""
        row = world.row
        if row is None:
            token = fresh_token(world) if self.rules.fresh_claims else claimant.mine
            yield Move(who, "finds no row", world.where(who, Claimant(CLAIMING, token)))
            yield Move(who, "raises: its row is lost", world.where(who, Claimant()), fair=False)
        elif row.job:
            yield self.returned(world, who, row.job)
        elif claimant.at == REREADING and row.token == claimant.mine:
            yield Move(
                who, "holds the claim", world.where(who, Claimant(SENDING, claimant.mine, 0, row.limit, 0, True))
            )
        else:
            there = Claimant(LOOKING, claimant.mine, row.token, row.limit)
            yield Move(who, f"reads a claim to sign by {row.limit:+}", world.where(who, there))

    def looked(self, world: World, who: int, claimant: Claimant) -> Moves:
        """ListJobs, whose answer also tells AWS's time; the earliest counts."""
        times, rules = self.times, self.rules
        listed = -(times.accepts + times.lag)
        is_sure = any(rules.lists_in_time and job.signed < listed for job in world.jobs)
        for number, job in enumerate(world.jobs, start=1):
            if job.alive:
                found = Claimant(RECORDING_FOUND, claimant.mine, claimant.seen, job=number)
                yield Move(who, f"sees job {number}", world.where(who, found))
        if is_sure and rules.looks:
            return
        window = (times.accepts + (times.lag if rules.waits_for_lag else 0)) if rules.waits else 0
        for now in (0,) if rules.by_aws_clock else range(-times.skew, times.skew + 1):
            if now > claimant.limit + window:
                dead = Claimant(RENEWING, claimant.mine, claimant.seen)
                yield Move(who, "sees no job, and that it is dead", world.where(who, dead))
            else:
                waits = Claimant(FOLLOWING, claimant.mine)
                yield Move(who, "sees no job, and waits", world.where(who, waits))

    def renewed(self, world: World, who: int, claimant: Claimant) -> Moves:
        """UpdateItem with a claim of its own, if the claim that it saw is still there."""
        row, is_again = world.row, claimant.at == RENEWING_AGAIN
        if row is None or row.token != claimant.seen or row.job:
            yield Move(who, "cannot renew", world.where(who, Claimant(REREADING, claimant.mine)))
            return
        token = claimant.mine if is_again or not self.rules.fresh_tokens else fresh_token(world)
        for limit in (claimant.limit,) if is_again else self.limits():
            made = world._replace(row=Row(token, limit))
            mine = Claimant(SENDING, token, 0, limit, 0, True)
            yield Move(who, f"renews, to sign by {limit:+}", made.where(who, mine))
            again = Claimant(RENEWING_AGAIN, token, claimant.seen, limit)
            yield Move(who, f"renews, to sign by {limit:+}, unheard", made.where(who, again), fair=False)

    def released(self, world: World, who: int, claimant: Claimant) -> Moves:
        """DeleteItem, if the claim is still there and has no job."""
        row = world.row
        if row is not None and row.token == claimant.mine and not row.job:
            world = world._replace(row=None)
        yield Move(who, "raises, its claim given back", world.where(who, Claimant()))

    _next: ClassVar[dict[str, Callable[..., Moves]]] = {
        IDLE: begun,
        CLAIMING: claimed,
        SENDING: sent,
        WAITING: answered,
        RECORDING: recorded,
        READING_BACK: read_back,
        TERMINATING: terminated,
        FOLLOWING: followed,
        REREADING: followed,
        LOOKING: looked,
        RECORDING_FOUND: recorded,
        RENEWING: renewed,
        RENEWING_AGAIN: renewed,
        RELEASING: released,
    }
