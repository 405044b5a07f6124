"""What AWS Batch tells EventBridge of its jobs."""

from .conftest import ARN, Account

PATTERN = {"source": ["aws.batch"], "detail-type": ["Batch Job State Change"]}


def told(account: Account) -> list[tuple[str, str]]:
    return [(each["detail"]["jobName"], each["detail"]["status"]) for each in account.received()]


def test_each_change_of_a_job_is_told_but_the_first(account: Account) -> None:
    """As on AWS, whoever submits knows of SUBMITTED himself."""
    account.rule(PATTERN, {"Arn": account.queue("told")})
    account.submit(tags={"lab": "ours"})
    account.aws.advance(1)
    account.aws.advance(100)
    events = account.received()
    assert [each["detail"]["status"] for each in events] == ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
