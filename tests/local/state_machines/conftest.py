"""State machines of an AWS whose time stands still."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from batchwright.local.in_process import InProcessAws

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_stepfunctions import SFNClient

States = dict[str, dict[str, Any]]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


@attrs.frozen
class Account:
    """An account with a role for state machines."""

    aws: InProcessAws
    sfn: "SFNClient"
    iam: "IAMClient"
    role_arn: str

    def allow(self, statements: list[dict[str, Any]]) -> None:
        """Give the role these rights and no others."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName="machine", PolicyName="rights", PolicyDocument=policy)

    def machine(self, states: States, *, name: str = "machine") -> str:
        """Make a state machine that starts at the first of the states; returns its ARN."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        made = self.sfn.create_state_machine(name=name, definition=definition, roleArn=self.role_arn)
        return made["stateMachineArn"]

    def start(self, states: States, given: object = None, *, name: str = "machine") -> str:
        """Start an execution of such a machine; returns its ARN."""
        machine_arn = self.machine(states, name=name)
        text = json.dumps({} if given is None else given)
        return self.sfn.start_execution(stateMachineArn=machine_arn, name="run", input=text)["executionArn"]

    def end_of(self, arn: str, *, after_s: float = 0.0) -> tuple[str, Any]:
        """Return the execution's status and its output or error after some time."""
        self.aws.advance(after_s)
        seen = self.sfn.describe_execution(executionArn=arn)
        if seen["status"] == "SUCCEEDED":
            return "SUCCEEDED", json.loads(seen["output"])
        return seen["status"], seen.get("error")

    def run(self, states: States, given: object = None, *, after_s: float = 0.0) -> tuple[str, Any]:
        """Return how an execution of these states stands after some time."""
        return self.end_of(self.start(states, given), after_s=after_s)


@pytest.fixture
def account() -> Iterator[Account]:
    aws = InProcessAws()
    session = aws.boto3_session("us-east-2")
    iam = session.client("iam")
    made = iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(TRUST))
    account = Account(aws, session.client("stepfunctions"), iam, made["Role"]["Arn"])
    account.allow(EVERYTHING)
    aws.advance(10)
    yield account
    aws.close()


@pytest.fixture
def refused() -> Callable[..., str]:
    """Tells the code of the error that a call ends with."""
    from botocore.exceptions import ClientError

    def code_of(call: Callable[..., object], **arguments: object) -> str:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        return caught.value.response["Error"]["Code"]

    return code_of
