"""Events and state machines over HTTP, on a server's own clock."""

import json
import time
from typing import Any

from batchwright import BatchSession
from batchwright.local import local_session

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["states.amazonaws.com", "events.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
RIGHTS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def of(session: BatchSession, service: str) -> Any:  # noqa: ANN401 - the client of any service
    return session.boto3_session.client(service)  # type: ignore[call-overload]


def looking_at(session: BatchSession) -> str:
    """Make a state machine that waits a moment and looks at the job of the event; returns its ARN."""
    iam = of(session, "iam")
    role = iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="machine", PolicyName="rights", PolicyDocument=json.dumps(RIGHTS))
    look = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:batch:describeJobs",
        "Parameters": {"Jobs.$": "States.Array($.detail.jobId)"},
        "ResultSelector": {"status.$": "$.Jobs[0].Status", "code.$": "$.Jobs[0].Container.ExitCode"},
        "End": True,
    }
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": look}}
    made = of(session, "stepfunctions").create_state_machine(
        name="look", definition=json.dumps(definition), roleArn=role
    )
    of(session, "events").put_rule(
        Name="ended", EventPattern='{"source": ["aws.batch"], "detail": {"status": ["FAILED", "SUCCEEDED"]}}'
    )
    target = {"Id": "1", "Arn": made["stateMachineArn"], "RoleArn": role}
    of(session, "events").put_targets(Rule="ended", Targets=[target])
    return str(made["stateMachineArn"])


def test_the_end_of_a_job_starts_an_execution() -> None:
    """With nobody calling: the server's own turns deliver the event and move the execution on."""
    with local_session("told", engine="process") as session:
        machine = looking_at(session)
        session.submit("bad", image="none", command=["sh", "-c", "exit 3"]).wait(check=False)
        sfn = of(session, "stepfunctions")
        ended: list[Any] = []
        deadline = time.monotonic() + 60
        while not ended and time.monotonic() < deadline:
            ended = sfn.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
        output = sfn.describe_execution(executionArn=ended[0]["executionArn"])["output"]
        assert json.loads(output) == {"status": "FAILED", "code": 3}
