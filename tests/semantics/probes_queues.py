"""What decides which job runs next, and what stays in the queue."""

from __future__ import annotations

from semantics.bench import Bench, at_once
from semantics.semantic import YES, Verdict, as_aws, topic

semantic = topic("The queue")
TOO_LARGE = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
FOUR_VCPUS = {"resourceRequirements": [{"type": "VCPU", "value": "4"}]}


@semantic("`maxvCpus` is the limit: what does not fit waits as RUNNABLE", "compute_environment_parameters")
def max_vcpus(bench: Bench) -> Verdict:
    queue = bench.queue(max_vcpus=2)
    jobs = [bench.submit(["sleep", "2"], queue=queue) for _ in range(3)]
    waiting = bench.until(jobs[0], "RUNNING") and bench.look(jobs[2])["status"]
    if at_once(bench.all_ended(jobs)) > 2:
        return Verdict("no", "they run at once")
    return as_aws(waiting == "RUNNABLE", f"it waits as {waiting}")


@semantic("Of a queue's environments the first in its order is filled first", "compute_environments")
def environments_in_order(bench: Bench) -> Verdict:
    first, second = bench.environment(max_vcpus=1), bench.environment(max_vcpus=1)
    # Named in another order than they were made in.
    queue = bench.queue(second, first)
    scripts = [f'[ "$AWS_BATCH_CE_NAME" = {name} ] && sleep 2' for name in (second, first)]
    jobs = bench.all_ended([bench.shell(script, queue=queue) for script in scripts])
    return as_aws([job["status"] for job in jobs] == ["SUCCEEDED"] * 2, "the job is in neither")


@semantic(
    "Without a scheduling policy, jobs that need the same are started in the order of their submission",
    "job_scheduling",
)
def first_in_first_out(bench: Bench) -> Verdict:
    queue = bench.queue(max_vcpus=1)
    jobs = bench.all_ended([bench.submit(["true"], queue=queue) for _ in range(5)])
    started = [job["startedAt"] for job in jobs]
    return as_aws(started == sorted(started) and at_once(jobs) == 1, "they run at once")


@semantic("Of queues that share an environment, the one of the higher priority goes first", "job_queue_parameters")
def priority(bench: Bench) -> Verdict:
    environment = bench.environment(max_vcpus=1)
    low, high = bench.queue(environment, priority=1), bench.queue(environment, priority=9)
    bench.until(bench.submit(["sleep", "2"], queue=low), "RUNNING")
    later = bench.submit(["sleep", "1"], queue=low)
    sooner = bench.submit(["sleep", "1"], queue=high)
    first, second = bench.all_ended([sooner, later])
    return as_aws(second["startedAt"] >= first["stoppedAt"], "they run at once")


@semantic("A fair share policy: whose share was used less goes first", "job_scheduling")
def fair_share(bench: Bench) -> Verdict:
    shares = [{"shareIdentifier": name, "weightFactor": 1.0} for name in ("busy", "idle")]
    policy = bench.batch.create_scheduling_policy(name=bench.named(), fairsharePolicy={"shareDistribution": shares})
    queue = bench.queue(max_vcpus=1, schedulingPolicyArn=policy["arn"])
    blocker = bench.submit(["sleep", "2"], queue=queue, shareIdentifier="busy")
    bench.until(blocker, "RUNNING")
    busy = [bench.submit(["sleep", "1"], queue=queue, shareIdentifier="busy") for _ in range(3)]
    idle = bench.submit(["sleep", "1"], queue=queue, shareIdentifier="idle")
    jobs = bench.all_ended([*busy, idle])
    if at_once(jobs) > 1:
        return Verdict("no", "they run at once")
    return as_aws(jobs[3]["startedAt"] < jobs[1]["startedAt"], "first in, first out")


@semantic("A queue with a fair share policy refuses jobs without a share identifier", "job_scheduling")
def share_required(bench: Bench) -> Verdict:
    shares = [{"shareIdentifier": "lab", "weightFactor": 1.0}]
    policy = bench.batch.create_scheduling_policy(name=bench.named(), fairsharePolicy={"shareDistribution": shares})
    queue = bench.queue(schedulingPolicyArn=policy["arn"])
    return as_aws(bench.refusal(lambda: bench.submit(["true"], queue=queue)), "accepted")


@semantic(f"A job that can never fit stays RUNNABLE and says `{TOO_LARGE}`", "job_stuck_in_runnable")
def never_fits(bench: Bench) -> Verdict:
    queue = bench.queue(max_vcpus=2)
    job = bench.submit(["true"], queue=queue, containerOverrides=FOUR_VCPUS)
    seen = bench.waited(
        lambda: bench.look(job), lambda told: told.get("statusReason", "").startswith("MISC"), within_s=6
    )
    if seen["status"] != "RUNNABLE":
        return Verdict("no", "it runs")
    return YES if seen.get("statusReason", "").startswith(TOO_LARGE) else Verdict("partly", "without the reason")


@semantic(
    "A time limit action of the queue ends it after that time", "job_stuck_in_runnable_time_limit_actions", alone=True
)
def time_limit(bench: Bench) -> Verdict:
    action = {"state": "RUNNABLE", "action": "CANCEL", "maxTimeSeconds": 600, "reason": TOO_LARGE}
    queue = bench.queue(max_vcpus=2, jobStateTimeLimitActions=[action])
    job = bench.submit(["true"], queue=queue, containerOverrides=FOUR_VCPUS)
    bench.waited(lambda: bench.look(job), lambda told: told.get("statusReason", "").startswith("MISC"), within_s=6)
    bench.let_pass(601)
    ended = bench.ended(job)
    if ended["status"] != "FAILED":
        return Verdict("no", "it runs")
    reason = ended.get("statusReason", "")
    return YES if "JobStateTimeLimit" in reason else Verdict("partly", "without the reason")


@semantic("A DISABLED queue refuses jobs", "API UpdateJobQueue")
def disabled_queue(bench: Bench) -> Verdict:
    queue = bench.queue()
    bench.batch.update_job_queue(jobQueue=queue, state="DISABLED")
    return as_aws(bench.refusal(lambda: bench.submit(["true"], queue=queue)), "accepted")


@semantic("A queue that is not there refuses jobs", "API SubmitJob")
def absent_queue(bench: Bench) -> Verdict:
    return as_aws(bench.refusal(lambda: bench.submit(["true"], queue=bench.named())), "accepted")


@semantic("A name that is taken is refused, `Object already exists`", "API CreateComputeEnvironment")
def taken_names(bench: Bench) -> Verdict:
    message = bench.environment_refusal(bench.environment())
    if not message:
        return Verdict("no", "accepted")
    return YES if "Object already exists" in message else Verdict("partly", "in other words")


@semantic("An environment that a queue uses cannot be deleted", "API DeleteComputeEnvironment")
def environment_in_use(bench: Bench) -> Verdict:
    environment = bench.environment()
    bench.queue(environment)
    bench.batch.update_compute_environment(computeEnvironment=environment, state="DISABLED")
    bench.settled(environment)
    call = bench.batch.delete_compute_environment
    return as_aws(bench.refusal(lambda: call(computeEnvironment=environment)), "it is deleted")


@semantic("What was made is CREATING before it is VALID", "API ComputeEnvironmentDetail")
def creating_first(bench: Bench) -> Verdict:
    name = bench.named()
    bench.batch.create_compute_environment(**bench.account.environment_request(name, 4))
    found = bench.batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
    return as_aws(found[0]["status"] == "CREATING", "VALID at once")


@semantic(
    "Units of a consumable resource limit how many jobs run",
    "resource-aware-scheduling",
    operation="create_consumable_resource",
)
def consumables(bench: Bench) -> Verdict:
    licence = bench.named()
    bench.batch.create_consumable_resource(
        consumableResourceName=licence, totalQuantity=1, resourceType="REPLENISHABLE"
    )
    needed = {"consumableResourceList": [{"consumableResource": licence, "quantity": 1}]}
    definition = bench.definition(["sleep", "1"], consumableResourceProperties=needed)
    jobs = bench.all_ended([bench.submit(definition=definition) for _ in range(3)])
    return as_aws(at_once(jobs) == 1, "they run at once")


@semantic(
    "GetJobQueueSnapshot shows what is RUNNABLE, the next one first",
    "API GetJobQueueSnapshot",
    operation="get_job_queue_snapshot",
)
def snapshot(bench: Bench) -> Verdict:
    queue = bench.queue(max_vcpus=1)
    first = bench.submit(["sleep", "4"], queue=queue)
    jobs = [bench.submit(["true"], queue=queue) for _ in range(2)]
    bench.until(first, "RUNNING")
    bench.waited(lambda: {bench.look(job)["status"] for job in jobs}, lambda seen: seen == {"RUNNABLE"}, within_s=2)
    front = bench.batch.get_job_queue_snapshot(jobQueue=queue)["frontOfQueue"]["jobs"]
    seen = [job.get("jobArn", "").rpartition("/")[2] for job in front]
    return as_aws(seen == jobs, "other jobs")
