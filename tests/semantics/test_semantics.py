"""`batchwright.local` does what AWS Batch does, and the published table says what the probes say."""

import pytest

from semantics.page import HEADINGS, NOT_ASKED, is_of_this_version, published
from semantics.rows import ROWS
from semantics.running import asking, verdicts
from semantics.systems import available

NOT_AS_AWS: dict[str, set[str]] = {
    # A process is no container: see the words in the table.
    "process": {name for name, row in ROWS.items() if row.needs_images},
    "docker": set(),
}


def answers(name: str) -> dict[str, str]:
    """What the probes say of a system, by row; what is not as published is asked again, by itself."""
    told = published()
    found = {row: str(verdict) for row, verdict in verdicts(name, print).items()}
    other = [row for row, answer in found.items() if told[ROWS[row].text][name] != answer]
    if other:
        with asking(name) as asked:
            found |= {row: str(asked.verdict(ROWS[row])) for row in other}
    return found


def check_published(name: str, found: dict[str, str]) -> None:
    """The column says what was found now."""
    told = published()
    assert {row: told[ROWS[row].text][name] for row in found} == found


def test_the_table_has_every_row_and_no_other() -> None:
    """No cell is left open, and none is of a row that nobody asks any more."""
    told = published()
    assert list(told) == [row.text for row in ROWS.values()]
    assert {cell for cells in told.values() for cell in cells.values()}.isdisjoint({NOT_ASKED, ""})


def test_processes_do_as_aws_does() -> None:
    """Every row holds on the process engine, but for those about images."""
    found = answers("process")
    assert {row for row, answer in found.items() if answer != "yes"} == NOT_AS_AWS["process"]
    check_published("process", found)


@pytest.mark.docker
def test_containers_do_as_aws_does() -> None:
    """Every row holds on the docker engine."""
    found = answers("docker")
    assert {row for row, answer in found.items() if answer != "yes"} == NOT_AS_AWS["docker"]
    check_published("docker", found)


@pytest.mark.docker
@pytest.mark.parametrize("name", sorted(set(HEADINGS) - {"process", "docker"}))
def test_what_is_said_of_others_is_so(name: str) -> None:
    """The column of each other system that is here says what it does today."""
    if reason := available(name):
        pytest.skip(reason)
    if not is_of_this_version(name):
        pytest.skip(
            f"the table is of another version than {HEADINGS[name]}; `python tests/semantics --write` renews it"
        )
    check_published(name, answers(name))
