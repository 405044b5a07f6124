"""Rules over what costs money while nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.costs import idle_cost
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import Rule
from batchwright.findings import Distance, Finding, warning
from batchwright.planning.outlook import Wanted
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.status_tracker import StatusTracker

FIXES: Final = {
    ComputeEnvironment.kind: "Declare min_vcpus=0, unless jobs must start within seconds.",
    EfsVolume.kind: 'Declare throughput_mode="elastic": that is paid for by what is read and written.',
    StatusTracker.kind: 'Declare billing_mode="PAY_PER_REQUEST".',
}


def _capacity(_: Facts, wanted: Wanted) -> Iterator[Finding]:
    """Capacity that is paid for whether it is used or not."""
    cost = idle_cost(wanted.resource.kind, wanted.resource)
    if cost.is_capacity:
        yield warning(f"It costs while nothing runs: {cost.words}.", fix=FIXES[wanted.resource.kind])


RULES: Final = (
    Rule(
        id="idle-instances",
        of=ComputeEnvironment,
        says="Instances that run without jobs: `min_vcpus` above 0, also of an environment that is disabled.",
        source="https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeEnvironmentDetail.html",
        actions=(),
        distance=Distance.CAUSE,
        check=_capacity,
    ),
    Rule(
        id="idle-throughput",
        of=EfsVolume,
        says="Throughput of a volume that is provisioned, used or not.",
        source="https://docs.aws.amazon.com/efs/latest/ug/performance.html",
        actions=(),
        distance=Distance.CAUSE,
        check=_capacity,
    ),
    Rule(
        id="idle-table",
        of=StatusTracker,
        says="Read and write units of a tracker's table that are provisioned, used or not.",
        source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html",
        actions=(),
        distance=Distance.CAUSE,
        check=_capacity,
    ),
)
