"""One call to the local AWS Batch, as its handlers see it."""

from collections.abc import Callable

import attrs

from batchwright.local.state import Region, State, Wire
from batchwright.local.world import World


@attrs.frozen(kw_only=True, eq=False)
class Call:
    """A checked request together with what it may read and change.

    Args:
        body_size: Length of the request's body in bytes, for Batch's payload limits.
    """

    state: State
    region: Region
    world: World
    request: Wire
    body_size: int = 0

    @property
    def now(self) -> float:
        """The server's time in epoch seconds."""
        return self.state.clock.now()


Handler = Callable[[Call], Wire]
"""Serves one operation: takes the call, returns the answer's body, raises `Refusal`."""
