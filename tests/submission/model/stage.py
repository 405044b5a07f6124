"""Lets the real code of several processes run one call at a time, in the order that a schedule says."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import attrs
from botocore.exceptions import ConnectionClosedError

from .fake_aws import Aws, Sent

PASSING_S = (61.0, 400.0, 1000.0)
"""Longer than a claim, than AWS accepts a signature, and than all of the window."""
SLEEP_S = 240.0
STOPS = ("dies", "is interrupted")
STEPS_MAX = 400
SHARES = (0.1, 0.25, 0.5)
"""How many of a schedule's forks are left to chance."""
SWITCHES = 0.7
"""How many of those let another process go on: what goes wrong takes turns more than faults."""


class Killed(BaseException):
    """This process is no more; whatever it still tries has no effect."""


@attrs.define
class Choices:
    """What a schedule is made of: at every fork a number, 0 for nothing special."""

    given: tuple[int, ...] = ()
    chance: random.Random | None = None
    share: float = 0.0
    taken: list[int] = attrs.field(factory=list)
    widths: list[int] = attrs.field(factory=list)

    def pick(self, width: int, switches: int = 0) -> int:
        """One of so many, of which the first but one are switches: by chance many turns are one of those."""
        place = len(self.taken)
        number = self.given[place] if place < len(self.given) else 0
        if self.chance is not None and self.chance.random() < self.share:
            is_switch = switches and self.chance.random() < SWITCHES
            number = 1 + self.chance.randrange(switches) if is_switch else self.chance.randrange(width)
        self.taken.append(number)
        self.widths.append(width)
        return number


def near(run: Callable[[Choices], None], *, deviations: int) -> int:
    """Run every schedule that differs from nothing special in so many places at the most; how many there are."""
    todo: list[tuple[tuple[int, ...], int]] = [((), 0)]
    runs = 0
    while todo:
        prefix, used = todo.pop()
        choices = Choices(prefix)
        run(choices)
        runs += 1
        if used < deviations:
            for place in range(len(prefix), len(choices.widths)):
                stem = (*prefix, *(0,) * (place - len(prefix)))
                todo.extend(((*stem, number), used + 1) for number in range(1, choices.widths[place]))
    return runs


def by_chance(run: Callable[[Choices], None], *, seed: int, runs: int) -> int:
    """Run so many schedules that this seed gives."""
    for number in range(runs):
        chance = random.Random(f"{seed}/{number}")
        run(Choices(chance=chance, share=chance.choice(SHARES)))
    return runs


@attrs.define(eq=False)
class Actor:
    """One process, in a thread that runs only when it is told to."""

    stage: "Stage"
    name: str
    work: Callable[["Actor"], object]
    skew_s: float = 0.0
    words: str = "begins"
    faults: tuple[str, ...] = STOPS
    fate: str = ""
    is_dead: bool = False
    is_begun: bool = False
    is_done: bool = False
    result: object = None
    error: BaseException | None = None
    go: threading.Semaphore = attrs.field(factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        """Begin, and stop at once; a second call does nothing."""
        if self.is_begun:
            return
        self.is_begun = True
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def _run(self) -> None:
        self.go.acquire()
        try:
            self._live()
            self.result = self.work(self)
        except BaseException as error:  # it is what the process ended with
            self.error = error
        self.is_done = True
        self.stage.back.release()

    def _live(self) -> str:
        if self.fate == "dies":
            self.is_dead = True
        if self.is_dead:
            raise Killed
        if self.fate == "is interrupted":
            raise KeyboardInterrupt
        return self.fate

    def pause(self, words: str, faults: tuple[str, ...] = ()) -> str:
        """Let others run; what happens to the call that comes now."""
        if self.is_dead:
            raise Killed
        self.words, self.faults = words, faults or STOPS
        self.stage.back.release()
        self.go.acquire()
        return self._live()

    def call(self, words: str, effect: Callable[[], object], *, writes: bool = False) -> object:
        """One API call, atomic: it may fail before it has an effect, or its answer may get lost."""
        lost = ("answer lost", "unheard, and sent again", "dies after it") if writes else ()
        fate = self.pause(words, ("fails", *STOPS, *lost))
        if fate == "fails":
            raise ConnectionClosedError(endpoint_url="https://fake")
        if not fate:
            return effect()
        with contextlib.suppress(Exception):  # nobody hears of it
            effect()
        if fate == "dies after it":
            self.is_dead = True
            raise Killed
        if fate == "answer lost":
            raise ConnectionClosedError(endpoint_url="https://fake")
        return self.call(f"{words} again", effect, writes=writes)


@attrs.define(eq=False)
class Stage:
    """Runs actors to their ends by a schedule."""

    aws: Aws
    choices: Choices
    told: list[str] = attrs.field(factory=list)
    back: threading.Semaphore = attrs.field(factory=lambda: threading.Semaphore(0))

    def run(self, actors: Iterable[Actor]) -> None:
        """Until every one has ended or is dead; those who have not begun do so."""
        cast = list(actors)
        for actor in cast:
            actor.start()
        current = cast[0]
        for _ in range(STEPS_MAX):
            living = [actor for actor in cast if not actor.is_done]
            if not living:
                return
            current = current if current in living else living[0]
            options = list(self.options(current, living))
            current = options[self.choices.pick(len(options), len(living) - 1)]() or current
        raise AssertionError("the schedule does not end:\n" + "\n".join(self.told[-60:]))

    def options(self, current: Actor, living: list[Actor]) -> Iterator[Callable[[], Actor | None]]:
        """What can happen next; the first is nothing special."""
        yield partial(self.resume, current)
        for other in living:
            if other is not current:
                yield partial(self.go_on_with, other)
        for sent in self.aws.on_the_wire():
            yield partial(self.deliver, sent)
        for seconds in PASSING_S:
            yield partial(self.pass_time, seconds)
        for fault in current.faults:
            yield partial(self.resume, current, fault)

    def go_on_with(self, other: Actor) -> Actor:
        """The current one stands still for as long as it takes."""
        return other

    def deliver(self, sent: Sent) -> None:
        """A request arrives at AWS."""
        self.tell("AWS", self.aws.deliver(sent))

    def pass_time(self, seconds: float) -> None:
        """Nobody does anything for so long."""
        self.tell("time", self.aws.advance(seconds))

    def resume(self, actor: Actor, fate: str = "") -> None:
        """Let it do its next call."""
        self.tell(actor.name, f"{actor.words}{fate and ': '}{fate}")
        actor.fate = fate
        actor.go.release()
        self.back.acquire()
        if actor.is_done:
            self.tell(actor.name, f"ends: {actor.result or repr(actor.error)}")

    def until(self, actor: Actor, words: str) -> None:
        """Let it go on until it is about to do this."""
        while actor.words != words:
            assert not actor.is_done, "\n".join(self.told)
            self.resume(actor)

    def tell(self, who: str, words: str) -> None:
        """Note what happened, for when something is wrong."""
        self.told.append(f"{self.aws.now - self.aws.began:6.0f} {who} {words}")
