"""State machines: made, changed, listed, tagged and taken away."""

import json
from collections.abc import Callable

from .conftest import Account

PASS = {"End": True, "Type": "Pass"}
WAIT = {"Type": "Wait", "Seconds": 60, "End": True}


def test_what_was_made_is_described(account: Account) -> None:
    """The definition comes back as the text that was sent."""
    arn = account.machine({"A": PASS})
    seen = account.sfn.describe_state_machine(stateMachineArn=arn)
    assert json.loads(seen["definition"])["States"] == {"A": PASS}
    assert (seen["status"], seen["type"], seen["roleArn"]) == ("ACTIVE", "STANDARD", account.role_arn)
    assert [each["name"] for each in account.sfn.list_state_machines()["stateMachines"]] == ["machine"]
