"""What a fair share policy says, and what the shares of a queue have used.

AWS publishes which numbers count (AWS Batch User Guide, "Use fair-share scheduling to help schedule jobs", and
FairsharePolicy in the API Reference) but not the formula; the one here is the simplest that keeps all it promises.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

_SHORTEST_WINDOW_S = 600.0


def covers(name: str, identifier: str) -> bool:
    """Tell whether an entry of a policy is about a share: its name, or with an asterisk its beginning."""
    return identifier.startswith(name[:-1]) if name.endswith("*") else identifier == name


@attrs.frozen
class FairShare:
    """A fair share policy's numbers.

    Args:
        window_s: `shareDecaySeconds`: for how long use counts; zero means ten minutes, as on AWS.
        reserved_part: `computeReservation` as a fraction.
        weights: `weightFactor` by share identifier, or by the beginning of several with an asterisk.
    """

    window_s: float = _SHORTEST_WINDOW_S
    reserved_part: float = 0.0
    weights: Mapping[str, float] = attrs.field(factory=dict[str, float])

    @classmethod
    def of(cls, policy: Mapping[str, Any]) -> "FairShare":
        """Read a `fairsharePolicy`."""
        shares: Sequence[Mapping[str, Any]] = policy.get("shareDistribution") or ()
        return cls(
            float(policy.get("shareDecaySeconds") or _SHORTEST_WINDOW_S),
            policy.get("computeReservation", 0) / 100,
            {str(share["shareIdentifier"]): float(share.get("weightFactor", 1.0)) for share in shares},
        )

    def weight(self, identifier: str) -> float:
        """Return what the share's use is multiplied by: a share of 0.125 gets eight times as much as one of 1."""
        return next((weight for name, weight in self.weights.items() if covers(name, identifier)), 1.0)

    def usable_part(self, active_shares: int) -> float:
        """Return the part of maxvCpus that is not kept for shares that are not active yet."""
        return 1.0 - self.reserved_part**active_shares if self.reserved_part else 1.0


@attrs.define
class _Use:
    """A share's vCPUs: those in use, and the mean of late, in which what is long ago counts less and less."""

    in_use: float = 0.0
    mean: float = 0.0
    as_of: float = 0.0

    def bring_to(self, now: float, window_s: float) -> None:
        passed_s = max(0.0, now - self.as_of)
        self.mean = self.in_use + (self.mean - self.in_use) * math.exp(-passed_s / window_s)
        self.as_of = now


class Shares:
    """What the shares of one queue use and have used, in vCPUs."""

    def __init__(self) -> None:
        self._uses: dict[str, _Use] = {}
        self.active: Counter[str] = Counter()
        """The unfinished jobs of each share."""

    def change(self, identifier: str, vcpus: float, now: float, policy: FairShare) -> None:
        """Count so many vCPUs more, or less, as in use from now on."""
        use = self._uses.setdefault(identifier, _Use(as_of=now))
        use.bring_to(now, policy.window_s)
        use.in_use += vcpus

    def score(self, identifier: str, now: float, policy: FairShare, *, besides: float = 0.0) -> float:
        """Return what the share has had, by its weight: the one with the least is next.

        Args:
            identifier: The share.
            now: The server's time.
            policy: The weights and the window.
            besides: vCPUs to count as in use too.
        """
        use = self._uses.get(identifier)
        had = 0.0
        if use is not None:
            use.bring_to(now, policy.window_s)
            had = use.mean + use.in_use
        return (had + besides) * policy.weight(identifier)

    def active_count(self) -> int:
        """Return how many shares have unfinished jobs."""
        return sum(count > 0 for count in self.active.values())
