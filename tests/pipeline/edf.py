"""What an EDF file says when it is read without any of the programs under test."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

# Widths of the fields that a header has once for each channel: label, transducer, unit, extremes, filter, samples.
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8)


@dataclass(frozen=True)
class Recording:
    """What an EDF file holds.

    Attributes:
        started: When, by the wall clock of the recording room, which no file of this format places in a time zone.
        rate_hz: Samples a second of every channel.
        channels: The labels.
        digital: What the amplifier's converter gave, by sample and channel.
        microvolts: What that is at the scalp, and by how much one step of the converter differs.
    """

    started: datetime
    rate_hz: float
    channels: list[str]
    digital: np.ndarray
    microvolts: np.ndarray
    step_microvolts: np.ndarray


def read_edf(path: Path) -> Recording:
    """Read a plain EDF file whose channels all have one rate."""
    content = path.read_bytes()
    records, seconds, count = int(content[236:244]), float(content[244:252]), int(content[252:256])
    edges = np.cumsum([256, *(width * count for width in _WIDTHS)])
    label, _, unit, *extremes, _, samples = (_texts(content[a:b], count) for a, b in pairwise(edges))
    assert set(unit) == {"uV"}
    low, high, digital_low, digital_high = (np.array(values, float) for values in extremes)
    per_record = int(samples[0])
    header = int(content[184:192])
    digital = np.frombuffer(content, "<i2", offset=header).reshape(records, count, per_record)
    digital = digital.transpose(0, 2, 1).reshape(-1, count)
    step = (high - low) / (digital_high - digital_low)
    return Recording(
        started=datetime.strptime(content[168:184].decode(), "%d.%m.%y%H.%M.%S").replace(tzinfo=UTC),
        rate_hz=per_record / seconds,
        channels=label,
        digital=digital,
        microvolts=(digital - digital_low) * step + low,
        step_microvolts=step,
    )


def _texts(field: bytes, count: int) -> list[str]:
    width = len(field) // count
    return [field[at : at + width].decode("ascii").strip() for at in range(0, len(field), width)]
