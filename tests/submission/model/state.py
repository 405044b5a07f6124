"""What the model knows of the world; every time in it is in ticks, relative to AWS's own now."""

from typing import Final, NamedTuple

IDLE: Final = "idle"
CLAIMING: Final = "claiming"
SENDING: Final = "sending"
WAITING: Final = "waiting for the answer"
RECORDING: Final = "recording"
READING_BACK: Final = "reading back"
TERMINATING: Final = "terminating its own"
FOLLOWING: Final = "following"
LOOKING: Final = "looking"
RECORDING_FOUND: Final = "recording what it found"
RENEWING: Final = "renewing"
RENEWING_AGAIN: Final = "renewing once more"
REREADING: Final = "reading again"
RELEASING: Final = "releasing"
NOBODY: Final = -1


class Times(NamedTuple):
    """The protocol's times, in ticks.

    The least numbers that keep them apart: what the order of two events depends on is which of these has gone by.
    `skew` is at most `accepts`, since AWS refuses whatever comes from a clock that is farther off.

    Attributes:
        claim: How long a claim lets its holder sign (`SubmissionPolicy.claim_s`).
        accepts: How far from AWS's time a signature may be.
        lag: How long after AWS could last accept a request it may not list the job.
        skew: How far a claimant's clock may be off, differently each time that it is read.
    """

    claim: int = 1
    accepts: int = 2
    lag: int = 1
    skew: int = 1

    @property
    def window(self) -> int:
        """What the protocol waits after a claim (`SubmissionPolicy.signature_window_s`)."""
        return self.accepts + self.lag


class Rules(NamedTuple):
    """The protocol's rules; each can be taken out, to see that the model notices.

    Attributes:
        gate: A request that was signed after its claim's limit is not sent.
        waits: Somebody else's claim is taken over only when AWS can no longer accept its request.
        waits_for_lag: … and would have listed the job.
        by_aws_clock: … by AWS's time, not by one's own.
        looks: … after looking.
        records_by_token: A job is recorded only under the claim that it was sent under.
        fresh_tokens: Every renewal writes a token that was never there.
        fresh_claims: So does every claim, also where the same call claimed before.
        releases_unsent_only: A claim is given back only if nothing was sent under it.
        lists_in_time: Not a rule but an assumption: AWS lists a job within `lag`.
    """

    gate: bool = True
    waits: bool = True
    waits_for_lag: bool = True
    by_aws_clock: bool = True
    looks: bool = True
    records_by_token: bool = True
    fresh_tokens: bool = True
    fresh_claims: bool = True
    releases_unsent_only: bool = True
    lists_in_time: bool = True


class Row(NamedTuple):
    """The submission's row; `job` is 0 while there is none."""

    token: int
    limit: int
    job: int = 0


class Request(NamedTuple):
    """A SubmitJob on its way, and who waits for its answer."""

    signed: int
    sender: int


class Job(NamedTuple):
    """A job that AWS made; its id is its place, from 1."""

    signed: int
    alive: bool = True


class Claimant(NamedTuple):
    """One process in `submit_once`: the call that it makes next, and what it has in its memory for it."""

    at: str = IDLE
    mine: int = 0
    seen: int = 0
    limit: int = 0
    job: int = 0
    held: bool = False


class World(NamedTuple):
    """Everything."""

    row: Row | None
    requests: tuple[Request, ...]
    jobs: tuple[Job, ...]
    claimants: tuple[Claimant, ...]

    def where(self, who: int, claimant: Claimant) -> "World":
        """This world with another claimant in that place."""
        others = self.claimants
        return self._replace(claimants=(*others[:who], claimant, *others[who + 1 :]))


class Move(NamedTuple):
    """One atomic step: who, what, and what is wrong with it.

    `fair` is false for what only faults do: deaths, errors and lost answers.
    """

    who: int
    words: str
    world: World
    fair: bool = True
    wrong: str = ""


def start(claimants: int) -> World:
    """Before anybody has begun."""
    return World(None, (), (), (Claimant(),) * claimants)


def fresh_token(world: World) -> int:
    """A token that nobody has seen."""
    used = {world.row.token} if world.row else set()
    for claimant in world.claimants:
        used |= {claimant.mine, claimant.seen}
    return next(token for token in range(1, len(used) + 2) if token not in used)


def canonical(world: World) -> World:
    """The same world with its tokens numbered in the order in which they are met, and requests in one order."""
    row, names = world.row, {0: 0}
    if row:
        names[row.token] = 1
        row = row._replace(token=1)
    claimants = tuple(
        each._replace(
            mine=names.setdefault(each.mine, len(names)),
            seen=names.setdefault(each.seen, len(names)),
        )
        if each.at != IDLE
        else each
        for each in world.claimants
    )
    return World(row, tuple(sorted(world.requests)), world.jobs, claimants)


def placed(world: World) -> list[int]:
    """Who comes first, second, … where names do not count."""
    return sorted(range(len(world.claimants)), key=lambda who: world.claimants[who])


def unnamed(world: World) -> World:
    """The canonical world in which nobody has a name: claimants in one order."""
    order = placed(world)
    if order != sorted(order):
        place = {who: number for number, who in enumerate(order)}
        requests = tuple(each._replace(sender=place.get(each.sender, NOBODY)) for each in world.requests)
        world = world._replace(requests=requests, claimants=tuple(world.claimants[who] for who in order))
    return canonical(world)


def remembers_a_limit(claimant: Claimant) -> bool:
    """Whether the time in its memory counts for what it does next; a put that is sent again is the same item."""
    if claimant.at == CLAIMING:
        return claimant.seen != 0
    return claimant.at in (SENDING, WAITING, LOOKING, RENEWING_AGAIN)


def later(world: World, times: Times) -> World:
    """One tick on: what can no longer be accepted is gone, and what is long past stays as it is."""
    never, listed = -(times.window + 1), -(times.accepts + times.lag + 1)
    row = world.row and world.row._replace(limit=max(world.row.limit - 1, never))
    return World(
        row,
        tuple(each._replace(signed=each.signed - 1) for each in world.requests if each.signed > -times.accepts),
        tuple(each._replace(signed=max(each.signed - 1, listed)) for each in world.jobs),
        tuple(
            each._replace(limit=max(each.limit - 1, never)) if remembers_a_limit(each) else each
            for each in world.claimants
        ),
    )
