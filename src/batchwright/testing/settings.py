"""What the account of a test is like."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, cast

import attrs

from batchwright.errors import ConfigurationError, DeclarationError
from batchwright.local.delays import Delays
from batchwright.local.faults import Fault
from batchwright.testing.job_scripts import JobScript

EngineName = Literal["scripted", "process", "docker", "auto"]
DelaysName = Literal["none", "brief", "realistic"]

ENGINES: Final[tuple[str, ...]] = ("scripted", "process", "docker", "auto")
WHY_NOT: Final = "which runs the jobs' own commands; only engine='scripted' goes by scripts"
_DELAYS: Final = {"none": Delays.none, "brief": Delays.brief, "realistic": Delays.realistic}


def _faults(faults: Fault | Iterable[Fault]) -> tuple[Fault, ...]:
    return (faults,) if isinstance(faults, Fault) else tuple(faults)


def _jobs(jobs: Mapping[str, JobScript | Iterable[JobScript]]) -> Mapping[str, tuple[JobScript, ...]]:
    many = {name: (each,) if isinstance(each, JobScript) else tuple(each) for name, each in jobs.items()}
    return MappingProxyType(many)


@attrs.frozen(kw_only=True)
class BatchSettings:
    """What the account of a test is like; as keywords of `@pytest.mark.batchwright(...)`, or from `batch_settings`.

    Args:
        engine: What runs the jobs. `scripted` runs nothing and needs no time: the account is in the test's own
            process, and to wait is to move its time. `process` runs each command as a process of this machine, `docker`
            in a container of its image, and `auto` picks one of the two; such an account is a process of its own,
            started once for all tests with the same engine, delays and region, and empty at the start of each.
        delays: How long AWS's own changes take: `none`, `brief`, `realistic`, or `Delays(...)`. By default
            `realistic` for `scripted`, else `brief`.
        faults: What goes wrong on the way to it, in this order; one or several.
        jobs: How jobs go that only pretend to run, by name or pattern; of several that fit, the last one counts. A
            sequence has a script for each attempt, of which the last repeats. For the engine `scripted` only.
        namespace: The namespace of `batch_session`.
        region: The region that the account plays.
    """

    engine: EngineName = "scripted"
    delays: Delays | DelaysName | None = None
    faults: tuple[Fault, ...] = attrs.field(default=(), converter=_faults)
    jobs: Mapping[str, tuple[JobScript, ...]] = attrs.field(
        factory=dict[str, tuple[JobScript, ...]], converter=_jobs, hash=False
    )
    namespace: str = "test"
    region: str = "us-east-2"

    def __attrs_post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise DeclarationError("batchwright's settings", "engine", self.engine, f"one of {', '.join(ENGINES)}")
        if not (self.delays is None or isinstance(self.delays, Delays) or self.delays in _DELAYS):
            legal = f"one of {', '.join(_DELAYS)}, or Delays(...)"
            raise DeclarationError("batchwright's settings", "delays", self.delays, legal)
        if self.jobs and self.is_served:
            raise DeclarationError(
                "batchwright's settings", "jobs", sorted(self.jobs), f"left out with engine='{self.engine}', {WHY_NOT}"
            )

    @property
    def is_served(self) -> bool:
        """Whether the account is a process of its own."""
        return self.engine != "scripted"


def delays_of(settings: BatchSettings) -> Delays:
    """Return the delays, also where none were given."""
    if isinstance(settings.delays, Delays):
        return settings.delays
    return _DELAYS[settings.delays or ("brief" if settings.is_served else "realistic")]()


def changed(settings: BatchSettings, options: Mapping[str, object], *, where: str) -> BatchSettings:
    """Return settings with others of them, as a marker names them.

    Args:
        settings: What there was.
        options: By name, what is different.
        where: Who says so, for the error.

    Raises:
        ConfigurationError: A name that is no setting.
    """
    known = [field.name for field in attrs.fields(BatchSettings)]
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise ConfigurationError(
                f"{where} has no setting '{name}'.{meant}", hint=f"The settings are {', '.join(known)}."
            )
    evolve = cast("Callable[..., BatchSettings]", attrs.evolve)  # which names there are, only run time knows
    return evolve(settings, **options)
