"""Answers of AWS become frozen descriptions."""

import datetime as dt
import pickle
from collections.abc import Mapping

import attrs
import pytest

from batchwright._wire import Description, camel, pascal, structure, wire
from batchwright.errors import AwsError


@attrs.frozen(kw_only=True)
class Part:
    """A value inside an answer that says its own names."""

    value: int = 0


@attrs.frozen(kw_only=True)
class Mount(Description):
    """A described part."""

    wire_case = staticmethod(pascal)

    mount_target_id: str


@attrs.frozen(kw_only=True)
class Volume(Description):
    """A described thing with parts."""

    wire_case = staticmethod(pascal)

    file_system_id: str
    status: str = attrs.field(default="creating", metadata=wire("LifeCycleState"))
    size_bytes: int | None = None
    created_at: dt.datetime | None = None
    mounts: tuple[Mount, ...] = ()
    labels: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    anything: object = None


@attrs.frozen(kw_only=True)
class Queue(Description):
    """A described thing of Batch."""

    job_queue_arn: str
    priority: int = 1


@pytest.mark.parametrize(
    ("name", "in_camel", "in_pascal"),
    [
        ("status", "status", "Status"),
        ("status_reason", "statusReason", "StatusReason"),
        ("job_queue_arn", "jobQueueArn", "JobQueueArn"),
    ],
)
def test_the_cases_of_names(name: str, in_camel: str, in_pascal: str) -> None:
    """Batch writes one, EFS, IAM and EC2 the other."""
    assert (camel(name), pascal(name)) == (in_camel, in_pascal)


def test_an_answer_becomes_a_description() -> None:
    """Members find their fields; what has no field stays in `raw`."""
    answer = {"jobQueueArn": "arn:q", "priority": 7, "status": "VALID", "statusReason": "Healthy", "new": {"x": 1}}
    queue = structure(Queue, answer, read_at=5.0)
    assert (queue.job_queue_arn, queue.priority, queue.status, queue.status_reason) == ("arn:q", 7, "VALID", "Healthy")
    assert queue.raw["new"] == {"x": 1}
    assert queue.read_at == 5.0


def test_parts_wire_names_and_moments() -> None:
    """Nested descriptions, names that the rule does not give, and both forms of time."""
    moment = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    answer = {
        "FileSystemId": "fs-1",
        "LifeCycleState": "available",
        "CreatedAt": moment,
        "Mounts": [{"MountTargetId": "fsmt-1"}, {"MountTargetId": "fsmt-2"}],
        "Labels": {"a": "1"},
        "Anything": [{"b": 2}],
    }
    volume = structure(Volume, answer)
    assert volume.status == "available"
    assert [mount.mount_target_id for mount in volume.mounts] == ["fsmt-1", "fsmt-2"]
    assert (volume.created_at, volume.labels, volume.anything) == (moment, {"a": "1"}, [{"b": 2}])
    assert volume.size_bytes is None
    assert structure(Volume, {**answer, "CreatedAt": int(moment.timestamp() * 1000)}).created_at == moment


def test_what_another_call_gave_is_added() -> None:
    """Fields by their Python names; also one that the answer should have had."""
    queue = structure(Queue, {"jobQueueArn": "arn:q"}, priority=3)
    assert queue.priority == 3


@pytest.mark.parametrize(
    ("answer", "path"),
    [({"priority": 1}, "job_queue_arn"), ({"jobQueueArn": "arn:q", "priority": "hunter2"}, "priority")],
)
def test_an_answer_that_does_not_fit_names_the_place(answer: Mapping[str, object], path: str) -> None:
    """A missing or wrong member is AWS's error, says where, and repeats no value."""
    with pytest.raises(AwsError, match=f"does not fit Queue: .*{path}") as caught:
        structure(Queue, answer)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_description_is_a_value() -> None:
    """Equal by what it says and not by when it was read; hashable and picklable; the raw answer is not printed."""
    one = structure(Queue, {"jobQueueArn": "arn:q", "secret": "hunter2"}, read_at=1.0)
    other = structure(Queue, {"jobQueueArn": "arn:q"}, read_at=2.0)
    assert one == other
    assert {one, pickle.loads(pickle.dumps(one))} == {other}
    assert "hunter2" not in repr(one)
    assert one != structure(Queue, {"jobQueueArn": "arn:other"})
