"""The life of one job, and what is told of it."""

from __future__ import annotations

from typing import Any

from semantics.bench import ENDED, Bench
from semantics.semantic import YES, Verdict, as_aws, topic

semantic = topic("The life of a job")
ORDER = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED")


@semantic("SUBMITTED, RUNNABLE, STARTING, RUNNING, SUCCEEDED: never backwards, and RUNNING while it runs", "job_states")
def states_in_order(bench: Bench) -> Verdict:
    job, seen = bench.submit(["sleep", "1"]), list[str]()
    while not seen or (seen[-1] not in ENDED and len(seen) < 10_000):
        seen.append(bench.look(job).get("status", "SUBMITTED"))
    places = [ORDER.index(status) for status in seen]
    return as_aws(places == sorted(places) and "RUNNING" in seen, "it goes another way")


@semantic("`createdAt`, `startedAt` and `stoppedAt` in milliseconds, in that order", "API DescribeJobs")
def timestamps(bench: Bench) -> Verdict:
    job = bench.ended(bench.submit(["sleep", "1"]))
    times = [job.get(name) or 0 for name in ("createdAt", "startedAt", "stoppedAt")]
    return as_aws(times == sorted(times) and times[0] > 1e12 and times[2] - times[1] >= 900, "another order")


@semantic(
    "A command that returns another code than 0 is FAILED, with the code in `container.exitCode`", "API DescribeJobs"
)
def exit_code(bench: Bench) -> Verdict:
    job = bench.ended(bench.shell("exit 3"))
    if job.get("status") != "FAILED":
        return Verdict("no", "it is not FAILED")
    if job.get("container", {}).get("exitCode") == 3:
        return YES
    return Verdict("partly", "FAILED, without the code")


@semantic("A job whose command returned says `Essential container in task exited`", "troubleshooting")
def status_reason(bench: Bench) -> Verdict:
    job = bench.ended(bench.shell("exit 3"))
    reason = job.get("statusReason")
    return as_aws(reason == "Essential container in task exited", "words of its own" if reason else "no reason")


@semantic("`attempts` holds each attempt's code, reason and times", "API AttemptDetail")
def attempts_told(bench: Bench) -> Verdict:
    attempts = bench.ended(bench.shell("exit 3")).get("attempts", [])
    if not attempts:
        return Verdict("no", "none")
    told = attempts[0]
    is_whole = told.get("container", {}).get("exitCode") == 3 and told.get("stoppedAt", 0) >= told.get("startedAt", 1)
    return YES if is_whole else Verdict("partly", "without the code")


@semantic("Lines are in CloudWatch Logs, group `/aws/batch/job`, while the job still runs", "using_cloudwatch_logs")
def logs_while_running(bench: Bench) -> Verdict:
    logs = bench.client("logs")
    job = bench.shell("echo first; sleep 5; echo last")
    bench.until(job, "RUNNING")
    if "first" in bench.waited(lambda: _lines(bench, logs, job), lambda lines: "first" in lines, within_s=4):
        return as_aws(bench.look(job)["status"] == "RUNNING", "at the end")
    bench.ended(job)
    return Verdict("partly", "at the end") if "last" in _lines(bench, logs, job) else Verdict("no", "no lines")


def _lines(bench: Bench, logs: Any, job: str) -> list[str]:  # noqa: ANN401  # boto3's clients have no type of their own
    stream = bench.look(job).get("container", {}).get("logStreamName")
    if not stream:
        return []
    try:
        found = logs.get_log_events(logGroupName="/aws/batch/job", logStreamName=stream, startFromHead=True)
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in found["events"]]


@semantic("AWS_BATCH_JOB_ID, AWS_BATCH_JOB_ATTEMPT, AWS_BATCH_JQ_NAME and AWS_BATCH_CE_NAME are set", "job_env_vars")
def variables(bench: Bench) -> Verdict:
    environment = bench.environment()
    queue = bench.queue(environment)
    checks = [
        '[ -n "$AWS_BATCH_JOB_ID" ]',
        '[ "$AWS_BATCH_JOB_ATTEMPT" = 1 ]',
        f'[ "$AWS_BATCH_JQ_NAME" = {queue} ]',
        f'[ "$AWS_BATCH_CE_NAME" = {environment} ]',
    ]
    held = [bench.succeeds(check, queue=queue) for check in checks]
    if all(held):
        return YES
    return Verdict("partly", f"{sum(held)} of 4") if any(held) else Verdict("no", "none of them")


@semantic("Variables of the submission are added to the definition's and win over them", "API ContainerOverrides")
def environment_overrides(bench: Bench) -> Verdict:
    declared = {"environment": [{"name": "KEPT", "value": "1"}, {"name": "CHANGED", "value": "1"}]}
    script = '[ "$KEPT$CHANGED$ADDED" = 123 ]'
    added = [{"name": "CHANGED", "value": "2"}, {"name": "ADDED", "value": "3"}]
    definition = bench.definition(["sh", "-c", script], container=declared)
    job = bench.submit(definition=definition, containerOverrides={"environment": added})
    return as_aws(bench.ended(job).get("status") == "SUCCEEDED", "they are not merged")


@semantic("`Ref::name` in the command becomes the parameter's value", "job_definition_parameters")
def parameters(bench: Bench) -> Verdict:
    definition = bench.definition(["sh", "-c", '[ "$0" = good ]', "Ref::word"], parameters={"word": "bad"})
    job = bench.submit(definition=definition, parameters={"word": "good"})
    return as_aws(bench.ended(job).get("status") == "SUCCEEDED", "it stays as it is")


@semantic("A `Ref::name` without a value is refused", "API SubmitJob")
def parameter_missing(bench: Bench) -> Verdict:
    definition = bench.definition(["echo", "Ref::word"])
    return as_aws(bench.refusal(lambda: bench.submit(definition=definition)), "accepted")


@semantic(
    "A variable from Secrets Manager reaches the job, and its value is in no description",
    "specifying-sensitive-data-secrets",
)
def secrets(bench: Bench) -> Verdict:
    vault = bench.client("secretsmanager")
    arn = vault.create_secret(Name=bench.named(), SecretString="hush-hush")["ARN"]
    container = {"secrets": [{"name": "WORD", "valueFrom": arn}], "executionRoleArn": bench.account.role_arn}
    definition = bench.definition(["sh", "-c", '[ "${#WORD}" = 9 ]'], container=container)
    job = bench.ended(bench.submit(definition=definition))
    return as_aws(job["status"] == "SUCCEEDED" and "hush-hush" not in str(job), "it is not set")


@semantic("Tags of the submission are the job's, and can be listed by its ARN", "using-tags")
def tags(bench: Bench) -> Verdict:
    job = bench.look(bench.submit(tags={"lab": "one"}))
    listed = bench.batch.list_tags_for_resource(resourceArn=job["jobArn"])["tags"]
    if job.get("tags", {}).get("lab") == "one" == listed.get("lab"):
        return YES
    return Verdict("partly", "in DescribeJobs only") if job.get("tags") else Verdict("no", "they are dropped")
