"""What a tear-down does, in the Amazon States Language: wait for jobs by looking at them, then take away.

It trusts no event: one that is missed would be a volume that is paid for until somebody finds it. Each turn reads the
row of the next submission, then its job. Nothing here names a resource: an execution's input does.
"""

from __future__ import annotations

from typing import Final

from batchwright.ownership import TEARDOWN_TAG
from batchwright.resources.teardown_states import State, both, choice, present, set_to, task

TURNS_MAX: Final = 900
"""Turns of one execution: AWS ends one at 25,000 events of its history, and a turn makes 22 at the most."""
LONG_ENOUGH: Final[State] = {"Variable": "$.turn.turns", "NumericGreaterThanEqualsPath": "$.wish.turns_max"}
UNLISTED_S: Final = 600
"""Seconds after which a job that is not listed has ended so long ago that AWS has forgotten it."""
NO_TABLE: Final = ("DynamoDB.ResourceNotFoundException", "DynamoDb.ResourceNotFoundException")
NO_VOLUME: Final = ("Efs.FileSystemNotFoundException",)
NO_TARGET: Final = ("Efs.MountTargetNotFoundException",)
NO_SECRET: Final = ("SecretsManager.ResourceNotFoundException", "SecretsManager.InvalidRequestException")
"""The second is what AWS says of one that is scheduled for deletion already."""
NO_PARAMETER: Final = ("Ssm.ParameterNotFoundException",)
_PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
JOB_ID: Final = "$.row.Item.job_id.S"
ANOTHERS_VOLUME: Final = "Batchwright.VolumeNotMarked"


def teardown_definition(region: str) -> State:
    """The definition of the one state machine that carries out every tear-down of a namespace.

    Args:
        region: Where it is; in China and GovCloud its steps have other ARNs.
    """
    partition = next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
    parts = (_jobs, _row, _job, _turns, _next_execution, _volume, _volume_deletion, _mount_targets, _secrets)
    states = {name: state for part in (*parts, _deletions, _end) for name, state in part().items()}
    for state in states.values():
        if state["Type"] == "Task":
            state["Resource"] = f"arn:{partition}:states:::{state['Resource']}"
    comment = "Made by batchwright: takes away what jobs needed, after their end."
    return {"Comment": comment, "StartAt": "IsThereAnotherJob", "States": states}


def _jobs() -> dict[str, State]:
    another: State = {"Variable": "$.turn.index", "NumericLessThanPath": "$.wish.job_count"}
    return {
        "IsThereAnotherJob": choice(
            # Many jobs that have ended are many turns without a wait.
            (both(another, LONG_ENOUGH), "StartAnew"),
            (another, "TakeJob"),
            otherwise="IsThereAVolume",
        ),
        "TakeJob": set_to("$.job", {"of.$": "States.ArrayGetItem($.wish.submissions, $.turn.index)"}, then="ReadRow"),
        # What was given up as never submitted is not waited for once more with each job that was to follow it.
        "NextJob": set_to(
            "$.turn",
            _turn(index="States.MathAdd($.turn.index, 1)", wait_s="$.wish.first_wait_s", unlisted_s=0),
            then="IsThereAnotherJob",
        ),
    }


def _row() -> dict[str, State]:
    return {
        "ReadRow": task(
            "dynamodb:getItem",
            {
                "TableName.$": "$.job.of.table",
                "Key": {"id": {"S.$": "$.job.of.id"}},
                "ConsistentRead": True,
                "ProjectionExpression": "job_id",
            },
            result="$.row",
            then="IsItSubmitted",
            unless=(NO_TABLE, "IsItSubmitted"),
        ),
        "IsItSubmitted": choice(
            (both(present(JOB_ID), {"Not": {"Variable": JOB_ID, "StringEquals": ""}}), "LookAtJob"),
            ({"Variable": "$.turn.idle_s", "NumericGreaterThanEqualsPath": "$.wish.forget_after_s"}, "NextJob"),
            otherwise="NotSubmittedYet",
        ),
    }


def _job() -> dict[str, State]:
    status = "$.seen.statuses[0]"
    return {
        "LookAtJob": task(
            "aws-sdk:batch:describeJobs",
            {"Jobs.$": f"States.Array({JOB_ID})"},
            select={"statuses.$": "$.Jobs[*].Status"},
            result="$.seen",
            then="HasItEnded",
        ),
        "HasItEnded": choice(
            (both(present(status), {"Variable": status, "StringEquals": "SUCCEEDED"}), "NextJob"),
            (both(present(status), {"Variable": status, "StringEquals": "FAILED"}), "NextJob"),
            (present(status), "Unfinished"),
            ({"Variable": "$.turn.unlisted_s", "NumericGreaterThanEquals": UNLISTED_S}, "NextJob"),
            otherwise="NotListed",
        ),
    }


def _turns() -> dict[str, State]:
    idle = "States.MathAdd($.turn.idle_s, $.turn.wait_s)"
    unlisted = "States.MathAdd($.turn.unlisted_s, $.turn.wait_s)"
    return {
        "NotSubmittedYet": set_to("$.turn", _turn(idle_s=idle, unlisted_s=0), then="HowLong"),
        "NotListed": set_to("$.turn", _turn(idle_s=0, unlisted_s=unlisted), then="HowLong"),
        "Unfinished": set_to("$.turn", _turn(idle_s=0, unlisted_s=0), then="HowLong"),
        "HowLong": choice(
            (LONG_ENOUGH, "StartAnew"),
            ({"Variable": "$.turn.wait_s", "NumericLessThanPath": "$.wish.grow_below_s"}, "WaitLonger"),
            otherwise="Wait",
        ),
        "WaitLonger": set_to(
            "$.turn",
            _turn(wait_s="States.MathAdd($.turn.wait_s, $.turn.wait_s)", turns="$.turn.turns"),
            then="Wait",
        ),
        "Wait": {"Type": "Wait", "SecondsPath": "$.turn.wait_s", "Next": "ReadRow"},
    }


def _next_execution() -> dict[str, State]:
    return {
        "StartAnew": task(
            "states:startExecution",
            {
                "StateMachineArn.$": "$$.StateMachine.Id",
                "Name.$": "States.Format('{}.{}', $.wish.execution, States.MathAdd($.run, 1))",
                "Input": {
                    "wish.$": "$.wish",
                    "run.$": "States.MathAdd($.run, 1)",
                    "turn": _turn(turns=0),
                },
            },
            result=None,
            then="GoesOnElsewhere",
        ),
        "GoesOnElsewhere": {"Type": "Succeed"},
    }


def _volume() -> dict[str, State]:
    mark = "$.volume.marks[0]"
    ours = both(present(mark), {"Variable": mark, "StringEqualsPath": "$.wish.name"})
    return {
        "IsThereAVolume": choice(
            ({"Variable": "$.wish.token", "StringEquals": ""}, "TakeSecrets"), otherwise="FindVolume"
        ),
        "FindVolume": task(
            "aws-sdk:efs:describeFileSystems",
            {"CreationToken.$": "$.wish.token"},
            select={
                "ids.$": "$.FileSystems[*].FileSystemId",
                "states.$": "$.FileSystems[*].LifeCycleState",
                "marks.$": f"$.FileSystems[*].Tags[?(@.Key == '{TEARDOWN_TAG}')].Value",
            },
            result="$.volume",
            then="IsItThere",
            unless=(NO_VOLUME, "TakeSecrets"),
        ),
        "IsItThere": choice(
            (present("$.volume.ids[0]", is_there=False), "TakeSecrets"),
            ({"Variable": "$.volume.states[0]", "StringMatches": "delet*"}, "WaitForVolume"),
            (ours, "FindMountTargets"),
            otherwise="LeaveVolume",
        ),
        "LeaveVolume": set_to("$.left", {"file_system_id.$": "$.volume.ids[0]"}, then="TakeSecrets"),
    }


def _volume_deletion() -> dict[str, State]:
    return {
        "WaitForVolume": {"Type": "Wait", "SecondsPath": "$.wish.delete_wait_s", "Next": "FindVolume"},
        "DeleteVolume": task(
            "aws-sdk:efs:deleteFileSystem",
            {"FileSystemId.$": "$.volume.ids[0]"},
            result=None,
            then="WaitForVolume",
            unless=(NO_VOLUME, "FindVolume"),
        ),
    }


def _mount_targets() -> dict[str, State]:
    return {
        "FindMountTargets": task(
            "aws-sdk:efs:describeMountTargets",
            {"FileSystemId.$": "$.volume.ids[0]"},
            select={
                "all.$": "$.MountTargets[*].MountTargetId",
                "staying.$": "$.MountTargets[?(@.LifeCycleState != 'deleting')].MountTargetId",
            },
            result="$.targets",
            then="AreTheyGone",
            unless=(NO_VOLUME, "FindVolume"),
        ),
        "AreTheyGone": choice(
            (present("$.targets.all[0]", is_there=False), "DeleteVolume"),
            (present("$.targets.staying[0]"), "DeleteMountTarget"),
            otherwise="WaitForMountTargets",
        ),
        "DeleteMountTarget": task(
            "aws-sdk:efs:deleteMountTarget",
            {"MountTargetId.$": "$.targets.staying[0]"},
            result=None,
            then="WaitForMountTargets",
            unless=(NO_TARGET, "WaitForMountTargets"),
        ),
        "WaitForMountTargets": {"Type": "Wait", "SecondsPath": "$.wish.delete_wait_s", "Next": "FindMountTargets"},
    }


def _secrets() -> dict[str, State]:
    return {
        "TakeSecrets": set_to("$.at", {"index": 0}, then="IsThereAnotherSecret"),
        "IsThereAnotherSecret": choice(
            ({"Variable": "$.at.index", "NumericLessThanPath": "$.wish.secret_count"}, "TakeSecret"),
            otherwise="IsAnythingLeft",
        ),
        "TakeSecret": set_to(
            "$.secret", {"of.$": "States.ArrayGetItem($.wish.secrets, $.at.index)"}, then="WhichStore"
        ),
        "WhichStore": choice(
            ({"Variable": "$.secret.of.store", "StringEquals": "ssm"}, "DeleteParameter"), otherwise="DeleteSecret"
        ),
    }


def _deletions() -> dict[str, State]:
    return {
        "DeleteParameter": task(
            "aws-sdk:ssm:deleteParameter",
            {"Name.$": "$.secret.of.id"},
            result=None,
            then="NextSecret",
            unless=(NO_PARAMETER, "NextSecret"),
        ),
        "DeleteSecret": task(
            "aws-sdk:secretsmanager:deleteSecret",
            {"SecretId.$": "$.secret.of.id", "RecoveryWindowInDays": 7},
            result=None,
            then="NextSecret",
            unless=(NO_SECRET, "NextSecret"),
        ),
    }


def _end() -> dict[str, State]:
    return {
        "NextSecret": set_to("$.at", {"index.$": "States.MathAdd($.at.index, 1)"}, then="IsThereAnotherSecret"),
        "IsAnythingLeft": choice((present("$.left"), "VolumeNotMarked"), otherwise="Done"),
        "VolumeNotMarked": {
            "Type": "Fail",
            "Error": ANOTHERS_VOLUME,
            "Cause": f"The volume was left: its tag {TEARDOWN_TAG} does not name this tear-down.",
        },
        "Done": {"Type": "Succeed"},
    }


def _turn(**changed: str | int) -> State:
    """How far it is: unless it is said otherwise, one turn further, and everything else as it was."""
    members = ("index", "wait_s", "idle_s", "unlisted_s")
    values: dict[str, str | int] = {member: f"$.turn.{member}" for member in members}
    values |= {"turns": "States.MathAdd($.turn.turns, 1)", **changed}
    return {f"{key}.$" if isinstance(value, str) else key: value for key, value in values.items()}
