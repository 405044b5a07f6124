"""Tags as AWS takes them: characters, and how many there may be of all kinds together."""

import contextlib
from typing import cast

import pytest

from batchwright import BatchSession, DeclarationError
from batchwright.converging import wish
from batchwright.outcome import Resolved


@pytest.mark.parametrize("tags", [{"a": "50%"}, {"a,b": "c"}, {"a": "x\ny"}, {"#": "1"}])
def test_characters_that_no_tag_may_hold_are_refused_before_any_call(tags: dict[str, str]) -> None:
    """IAM and EFS take letters, digits, spaces and _.:/=+-@ only, and the session's tags go to them too."""
    with pytest.raises(DeclarationError, match="tags=") as caught:
        BatchSession("lab", tags=tags)
    assert "50%" not in str(caught.value)
    with pytest.raises(DeclarationError, match="tags="):
        BatchSession("lab").scheduling_policy(name="fair", tags=tags)


def test_letters_of_any_script_are_legal() -> None:
    """AWS counts every letter and digit of Unicode."""
    assert BatchSession("lab", tags={"Größe der Gruppe": "ミ 7 a_b.c:d/e=f+g-h@i"}).tags


@pytest.mark.parametrize("tags", [{"a": "50%"}, {"aws:b": "c"}])
def test_tags_of_instances_are_checked_too(tags: dict[str, str]) -> None:
    """They go to EC2, which refuses the same ones only when the first instance starts."""
    with pytest.raises(DeclarationError, match="instance_tags="):
        BatchSession("lab", region="us-east-2").compute_environment(name="lab", instance_tags=tags)


def test_batch_refuses_what_no_tag_may_hold(session: BatchSession) -> None:
    """The local Batch is as strict, so that a tag which passed here passes there."""
    with pytest.raises(session.batch.exceptions.ClientException, match="letters"):
        session.batch.create_scheduling_policy(name="fair", fairsharePolicy={}, tags={"a": "50%"})


def test_more_tags_than_a_task_has_are_refused_where_they_reach_it(session: BatchSession) -> None:
    """With propagation AWS fails a job that has more than 50 tags together with its definition: it is not submitted."""
    many = {f"d{number}": "x" for number in range(26)}
    definition = session.job_definition(name="convert", image="busybox", propagate_tags=True, tags=many)
    fits = session.batch_job(name="fits", definition=definition, tags={"d0": "another", "own": "x"})
    job = session.batch_job(name="sub", definition=definition, tags={f"j{number}": "x" for number in range(26)})
    session.ensure(fits)
    with pytest.raises(ExceptionGroup) as caught:
        session.ensure(job)
    assert "at most 50" in str(caught.value.exceptions[0])
    assert not job.exists()


def test_a_volume_has_room_for_its_name(session: BatchSession) -> None:
    """EFS's own tag Name and the owner's come with the creation, and count: what passes the check can be sent."""
    session.defaults.security_group.ensure()
    sizes: set[int] = set()
    for width in range(2, 60):
        volume = session.efs_volume(name="scratch", tags={f"{number:0{width}}": "x" for number in range(40)})
        with contextlib.suppress(DeclarationError):
            request = cast("dict[str, dict[str, str]]", wish(volume, Resolved()))
            sizes.add(len({*request["tags"], "Name", "batchwright:owner"}))
    assert max(sizes) == 50
