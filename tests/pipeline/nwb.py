"""What an NWB file holds, beside the recording that it was made from."""

from datetime import UTC
from pathlib import Path

import numpy as np
import pynwb

from .edf import read_edf


def assert_holds(nwb: Path, recording: Path) -> None:
    """Every sample, the rate, the channels and the time of the recording, and the words of the specification."""
    source = read_edf(recording)
    with pynwb.NWBHDF5IO(nwb, mode="r") as io:
        file = io.read()
        (series,) = file.acquisition.values()
        assert isinstance(series, pynwb.ecephys.ElectricalSeries)
        assert (series.unit, series.rate) == ("volts", source.rate_hz)
        assert series.data.shape == (92_000, 32)
        np.testing.assert_array_equal(series.data[:], source.digital)
        microvolts = (series.data[:] * series.conversion + series.offset) * 1e6
        # neo, with which NeuroConv reads this format, counts one step of the converter more than the standard does.
        assert (np.abs(microvolts - source.microvolts) < source.step_microvolts).all()
        assert list(series.electrodes.to_dataframe()["channel_name"]) == source.channels
        assert file.session_start_time.astimezone(UTC) == source.started
        subject = file.subject
        assert (subject.subject_id, subject.species, subject.sex) == ("01", "Homo sapiens", "U")
        assert file.experiment_description == 'EEG from the scalp: 100 % of it, as "received"'
    assert np.ptp(source.digital, axis=0).min() > 1, "every channel has something to get wrong"


def problems_of(nwb: Path) -> list[str]:
    """What pynwb finds wrong with the file."""
    return [str(problem) for problem in pynwb.validate(path=nwb)]
