"""Retries, timeouts, and jobs that are stopped."""

from __future__ import annotations

from typing import Any

from semantics.bench import Bench, Described
from semantics.semantic import YES, Verdict, as_aws, topic

retries = topic("Retries")
timeouts = topic("Timeouts")
stops = topic("Cancelling and terminating")
RULE = "evaluateOnExit"


def _attempts(job: Described) -> int:
    return len(job.get("attempts", []))


@retries("`attempts`: a job that fails runs again, AWS_BATCH_JOB_ATTEMPT counts", "job_retries")
def retried(bench: Bench) -> Verdict:
    job = bench.shell('[ "$AWS_BATCH_JOB_ATTEMPT" = 3 ]', retryStrategy={"attempts": 3})
    return as_aws(bench.ended(job)["status"] == "SUCCEEDED", "it runs once")


@retries("`attempts` outside of 1 to 10 are refused", "job_retries")
def attempts_limit(bench: Bench) -> Verdict:
    return as_aws(bench.refusal(lambda: bench.submit(["true"], retryStrategy={"attempts": 11})), "accepted")


@retries("`evaluateOnExit`: the first rule that fits decides, and EXIT ends it", "job_retries")
def rule_exits(bench: Bench) -> Verdict:
    rules = [{"onExitCode": "3", "action": "EXIT"}, {"onExitCode": "*", "action": "RETRY"}]
    job = bench.shell('exit "$((2 + $AWS_BATCH_JOB_ATTEMPT))"', retryStrategy={"attempts": 2, RULE: rules})
    again = bench.shell('exit "$((5 - $AWS_BATCH_JOB_ATTEMPT))"', retryStrategy={"attempts": 3, RULE: rules})
    counts = [_attempts(bench.ended(each)) for each in (job, again)]
    return as_aws(counts == [1, 2], "the rules are not read")


@retries("`evaluateOnExit` where no rule fits: the job is retried", "job_retries")
def no_rule_fits(bench: Bench) -> Verdict:
    rules = [{"onExitCode": "9", "action": "EXIT"}]
    job = bench.shell('[ "$AWS_BATCH_JOB_ATTEMPT" = 2 ]', retryStrategy={"attempts": 2, RULE: rules})
    return as_aws(bench.ended(job)["status"] == "SUCCEEDED", "it runs once")


@retries("`evaluateOnExit` without `attempts` is refused", "API RetryStrategy")
def rules_alone(bench: Bench) -> Verdict:
    strategy = {RULE: [{"onExitCode": "1", "action": "RETRY"}]}
    return as_aws(bench.refusal(lambda: bench.submit(["true"], retryStrategy=strategy)), "accepted")


def _timed_out(bench: Bench, script: str, **more: Any) -> str:  # noqa: ANN401  # of `submit`
    """A job that outlasts its timeout; it ends by itself after twelve seconds, where the timeout does nothing."""
    job = bench.shell(script, timeout={"attemptDurationSeconds": bench.system.shortest_timeout_s}, **more)
    bench.until(job, "RUNNING")
    bench.pause()  # for the shell to set its trap
    bench.let_pass(61)
    return job


WAIT_OUT = "n=0; while [ $n -lt 12 ]; do sleep 1; n=$((n+1)); done"


@timeouts(
    "An attempt that takes too long is ended: FAILED, `Job attempt duration exceeded timeout`",
    "job_timeouts",
    alone=True,
)
def timed_out(bench: Bench) -> Verdict:
    job = bench.ended(_timed_out(bench, WAIT_OUT))
    if job["status"] != "FAILED":
        return Verdict("no", "it runs on")
    return YES if "timeout" in job.get("statusReason", "") else Verdict("partly", "without a reason")


@timeouts("It gets SIGTERM first, and can end by itself", "job_timeouts", alone=True)
def sigterm_first(bench: Bench) -> Verdict:
    job = bench.ended(_timed_out(bench, f"trap 'exit 7' TERM; {WAIT_OUT}"))
    if job["status"] != "FAILED":
        return Verdict("no", "it runs on")
    return as_aws(job.get("container", {}).get("exitCode") == 7, "killed at once")


@timeouts("SIGKILL follows 30 seconds later", "job_timeouts", alone=True)
def sigkill_after(bench: Bench) -> Verdict:
    job = _timed_out(bench, f"trap '' TERM; {WAIT_OUT}")
    bench.waited(lambda: bench.look(job)["status"], lambda status: status != "RUNNING", within_s=2)
    if bench.look(job)["status"] == "FAILED":
        return Verdict("no", "killed at once")
    bench.let_pass(31)
    ended = bench.ended(job)
    if ended["status"] != "FAILED":
        return Verdict("no", "it runs on")
    return as_aws(ended.get("container", {}).get("exitCode") == 137, "another code")


@timeouts("A job that ran out of time is not retried", "job_timeouts", alone=True)
def timed_out_once(bench: Bench) -> Verdict:
    job = bench.ended(_timed_out(bench, WAIT_OUT, retryStrategy={"attempts": 2}))
    return as_aws(job["status"] == "FAILED" and _attempts(job) == 1, "it has no timeouts")


@timeouts("`attemptDurationSeconds` below 60 is refused", "job_timeouts")
def shortest_timeout(bench: Bench) -> Verdict:
    return as_aws(bench.refusal(lambda: bench.submit(["true"], timeout={"attemptDurationSeconds": 59})), "accepted")


@stops("CancelJob on a job that waits for another: it never runs, and FAILED says the reason", "API CancelJob")
def cancelled_waiting(bench: Bench) -> Verdict:
    first = bench.submit(["sleep", "2"])
    job = bench.submit(["true"], dependsOn=[{"jobId": first}])
    bench.until(job, "PENDING", within_s=5)
    bench.batch.cancel_job(jobId=job, reason="not needed")
    bench.ended(first)
    bench.ended(job)
    bench.pause()  # where it was started nevertheless, for its own end
    ended = bench.look(job)
    if ended["status"] != "FAILED" or ended.get("container", {}).get("exitCode") is not None:
        return Verdict("no", "it runs")
    return YES if ended.get("statusReason") == "not needed" else Verdict("partly", "without the reason")


@stops("CancelJob and TerminateJob on a RUNNABLE job: FAILED with the reason, without having run", "API CancelJob")
def stopped_runnable(bench: Bench) -> Verdict:
    queue = bench.queue(max_vcpus=1)
    blocker = bench.submit(["sleep", "5"], queue=queue)
    jobs = [bench.submit(["true"], queue=queue) for _ in range(2)]
    bench.until(blocker, "RUNNING")
    for job, stop in zip(jobs, (bench.batch.cancel_job, bench.batch.terminate_job), strict=True):
        bench.until(job, "RUNNABLE", within_s=2)
        stop(jobId=job, reason="not needed")
    bench.all_ended(jobs)
    bench.pause()  # where they were started nevertheless, for their own end
    ended = [bench.look(job) for job in jobs]
    if any(job["status"] != "FAILED" or job.get("startedAt") for job in ended):
        return Verdict("no", "they run")
    return (
        YES if {job.get("statusReason") for job in ended} == {"not needed"} else Verdict("partly", "without the reason")
    )


@stops("CancelJob on a RUNNING job does nothing", "API CancelJob")
def cancelled_running(bench: Bench) -> Verdict:
    job = bench.submit(["sleep", "3"])
    bench.until(job, "RUNNING")
    bench.batch.cancel_job(jobId=job, reason="too late")
    return as_aws(bench.ended(job)["status"] == "SUCCEEDED", "it is ended")


@stops("TerminateJob ends a RUNNING job: FAILED with the reason given", "API TerminateJob")
def terminated(bench: Bench) -> Verdict:
    job = bench.shell(WAIT_OUT)
    bench.until(job, "RUNNING")
    bench.pause()
    bench.batch.terminate_job(jobId=job, reason="the wrong file")
    bench.ended(job)
    bench.pause()
    ended = bench.look(job)
    if ended["status"] != "FAILED":
        return Verdict("no", "it runs on")
    return YES if ended.get("statusReason") == "the wrong file" else Verdict("partly", "without the reason")


@stops("A terminated job is not retried", "job_retries")
def terminated_once(bench: Bench) -> Verdict:
    job = bench.shell(WAIT_OUT, retryStrategy={"attempts": 2})
    bench.until(job, "RUNNING")
    bench.pause()
    bench.batch.terminate_job(jobId=job, reason="enough")
    ended = bench.ended(job)
    bench.pause()
    return as_aws(ended["status"] == "FAILED" == bench.look(job)["status"] and _attempts(ended) <= 1, "it runs again")
