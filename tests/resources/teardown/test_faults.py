"""Starting a tear-down while AWS's answers go astray."""

from typing import Any

import pytest

from batchwright import Action
from batchwright.errors import AccessDeniedError, ConflictError, NotFoundError, ThrottledError
from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws
from batchwright.resources import state_machine_teardowns
from batchwright.waiting import Patience

from .conftest import Deployment

START = "stepfunctions:StartExecution"


def started(deployment: Deployment) -> list[str]:
    """The names of all executions."""
    machine = deployment.teardown().machine.describe()
    listed = deployment.session.states.list_executions(stateMachineArn=machine.arn)["executions"]
    return sorted(item["name"] for item in listed)


@pytest.mark.parametrize(
    "fault", [Fault.lost_answer(operation=START, calls=1), Fault.error(status=500, operation=START, calls=1)]
)
def test_a_start_whose_answer_is_lost_is_one_start(deployment: Deployment, aws: InProcessAws, fault: Fault) -> None:
    """The request is sent again under the same name, which makes no second execution."""
    aws.faults.add(fault)
    assert deployment.teardown().ensure().action is Action.CREATED
    assert started(deployment) == ["sub-01"]


def test_an_execution_that_shows_late_is_waited_for(deployment: Deployment, aws: InProcessAws) -> None:
    """What AWS says of executions is eventually consistent: a volume right after its tear-down is not refused."""
    deployment.teardown().ensure()
    missing = Fault.error("ExecutionDoesNotExist", operation="stepfunctions:DescribeExecution", calls=(1, 2, 3))
    aws.faults.add(missing)
    assert deployment.volume.ensure().action is Action.CREATED
    assert aws.faults.counts()[0].acted == 3


def test_a_volume_whose_tear_down_ended_meanwhile_is_told(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS may still show an execution as running that has looked for its volume for the last time."""
    teardown = deployment.begin()
    deployment.session.ensure(*teardown.after)
    deployment.until_ended(teardown, 1800)
    shown, looks = state_machine_teardowns.latest_run, iter([True])

    def late(*where: Any) -> Any:  # noqa: ANN401  # as it is
        seen = shown(*where)
        return (seen[0], {**seen[1], "status": "RUNNING"}) if seen and next(looks, False) else seen

    monkeypatch.setattr(state_machine_teardowns, "latest_run", late)
    with pytest.raises(ConflictError, match="is left behind: its tear-down 'sub-01' is SUCCEEDED"):
        deployment.volume.ensure()
    deployment.volume.delete()
    assert not deployment.volume.exists()


def test_waiting_for_what_was_never_started_is_told(deployment: Deployment) -> None:
    """It is no tear-down that takes long, and a day of waiting would not help."""
    began = deployment.aws.clock.now()
    with pytest.raises(NotFoundError, match="was not started"):
        deployment.teardown().wait()
    assert deployment.aws.clock.now() - began < 120


def test_a_start_that_is_throttled_to_the_end_is_told_and_resumed(deployment: Deployment, aws: InProcessAws) -> None:
    """Nothing is left half done: the same call goes on when AWS takes it."""
    # botocore's own attempts would take real time.
    deployment.session.states.meta.events.unregister("needs-retry.sfn", unique_id="retry-config-sfn")
    aws.faults.add(Fault.error("ThrottlingException", operation=START))
    teardown = deployment.teardown(patience=Patience(timeout_s=5))
    with pytest.raises(ThrottledError, match="StartExecution"):
        teardown.ensure()
    aws.faults.clear()
    assert teardown.ensure().action is Action.CREATED


def test_a_caller_without_the_right_is_told_which(deployment: Deployment, aws: InProcessAws) -> None:
    """Before anything that costs is made: the volume comes after the tear-down."""
    message = (
        "User: arn:aws:iam::123456789012:user/a is not authorized to perform: states:StartExecution on resource: x"
    )
    aws.faults.add(Fault.error("AccessDeniedException", message=message, operation=START))
    with pytest.raises(AccessDeniedError) as caught:
        deployment.teardown().ensure()
    assert caught.value.action == "states:StartExecution"
    assert deployment.is_left == (False, False)
