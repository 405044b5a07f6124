"""What is accepted, what is refused, and what the listings show."""

from __future__ import annotations

import boto3

from semantics.bench import Bench
from semantics.semantic import YES, Verdict, as_aws, topic
from semantics.systems import REGION

definitions = topic("Definitions")
requests = topic("Requests and listings")


@definitions(
    "Each registration is a revision of its own, and keeps nothing of the one before", "job_definition_parameters"
)
def revisions(bench: Bench) -> Verdict:
    name = bench.named()
    bench.definition(name=name, retryStrategy={"attempts": 3})
    second = bench.definition(name=name)
    found = bench.batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"]
    if not second.endswith(":2") or len(found) != 2:
        return Verdict("no", "no revisions")
    newest = max(found, key=lambda each: each["revision"])
    return as_aws(newest.get("retryStrategy", {}).get("attempts") in (None, 1), "it inherits retries")


@definitions("A name without a revision is the latest ACTIVE one", "API SubmitJob")
def latest_active(bench: Bench) -> Verdict:
    name = bench.named()
    bench.definition(["true"], name=name)
    newer = bench.definition(["false"], name=name)
    bench.batch.deregister_job_definition(jobDefinition=newer)
    job = bench.ended(bench.submit(definition=name))
    return as_aws(job["jobDefinition"].endswith(":1") and job["status"] == "SUCCEEDED", "the latest of all")


@definitions("An INACTIVE definition is refused by SubmitJob", "API SubmitJob")
def inactive(bench: Bench) -> Verdict:
    definition = bench.definition()
    bench.batch.deregister_job_definition(jobDefinition=definition)
    return as_aws(bench.refusal(lambda: bench.submit(definition=definition)), "accepted")


@definitions("On Fargate only certain pairs of vCPUs and memory are accepted", "API ResourceRequirement")
def fargate_pairs(bench: Bench) -> Verdict:
    def register(vcpus: str, memory: str) -> str | None:
        sizes = [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": memory}]
        container = {"resourceRequirements": sizes, "executionRoleArn": bench.account.role_arn}
        return bench.refusal(lambda: bench.definition(container=container, platformCapabilities=["FARGATE"]))

    if register("0.25", "512"):
        return Verdict("no", "good pairs are refused")
    return as_aws(register("0.25", "4096"), "all are accepted")


@definitions("A variable whose name begins with AWS_BATCH is refused", "job_env_vars")
def reserved_variables(bench: Bench) -> Verdict:
    container = {"environment": [{"name": "AWS_BATCH_MINE", "value": "1"}]}
    return as_aws(bench.refusal(lambda: bench.definition(container=container)), "accepted")


@requests("DescribeJobs of what is not there is an empty list", "API DescribeJobs")
def absent_job(bench: Bench) -> Verdict:
    found = bench.batch.describe_jobs(jobs=["00000000-0000-0000-0000-000000000000"])["jobs"]
    return as_aws(found == [], "not empty")


@requests("More than 100 ids are refused", "API DescribeJobs")
def too_many_ids(bench: Bench) -> Verdict:
    ids = [f"00000000-0000-0000-0000-{number:012}" for number in range(101)]
    return as_aws(bench.refusal(lambda: bench.batch.describe_jobs(jobs=ids)), "accepted")


@requests("A request of more than 30 KiB is refused", "service_limits")
def payload(bench: Bench) -> Verdict:
    large = {"environment": [{"name": "LARGE", "value": "x" * 31 * 1024}]}
    return as_aws(bench.refusal(lambda: bench.submit(["true"], containerOverrides=large)), "accepted")


@requests("A job's name must fit AWS's pattern", "API SubmitJob")
def job_names(bench: Bench) -> Verdict:
    def submit() -> object:
        definition = bench.definition(["true"])
        return bench.batch.submit_job(jobName="no: good", jobQueue=bench.account.queue, jobDefinition=definition)

    return as_aws(bench.refusal(submit), "accepted")


@requests("Two submissions of one name are two jobs", "API SubmitJob")
def names_twice(bench: Bench) -> Verdict:
    definition, queue = bench.definition(["true"]), bench.account.queue
    made = [
        bench.batch.submit_job(jobName=bench.tag, jobQueue=queue, jobDefinition=definition)["jobId"] for _ in range(2)
    ]
    return as_aws(made[0] != made[1] and all(bench.ended(job)["status"] == "SUCCEEDED" for job in made), "one job")


@requests("ListJobs without a state shows RUNNING jobs only", "API ListJobs")
def listing_default(bench: Bench) -> Verdict:
    queue = bench.queue()
    bench.ended(bench.submit(["true"], queue=queue))
    running = bench.submit(["sleep", "3"], queue=queue)
    bench.until(running, "RUNNING")
    found = bench.batch.list_jobs(jobQueue=queue)["jobSummaryList"]
    return as_aws([job["jobId"] for job in found] == [running], "all states")


@requests("ListJobs with a state shows the jobs of that state", "API ListJobs")
def listing_by_state(bench: Bench) -> Verdict:
    queue = bench.queue()
    good, bad = bench.submit(["true"], queue=queue), bench.submit(["false"], queue=queue)
    bench.all_ended([good, bad])
    found = bench.batch.list_jobs(jobQueue=queue, jobStatus="FAILED")["jobSummaryList"]
    return as_aws([job["jobId"] for job in found] == [bad], "others too")


@requests("ListJobs filters by name, in every state", "API ListJobs")
def listing_by_name(bench: Bench) -> Verdict:
    queue = bench.queue()
    jobs = [bench.submit(["true"], queue=queue) for _ in range(2)]
    name = bench.all_ended(jobs)[0]["jobName"]
    filters = [{"name": "JOB_NAME", "values": [name]}]
    found = bench.batch.list_jobs(jobQueue=queue, filters=filters)["jobSummaryList"]
    return as_aws([job["jobId"] for job in found] == jobs[:1], "the filter is not read")


@requests("ListJobs filters by the time of creation", "API ListJobs")
def listing_by_time(bench: Bench) -> Verdict:
    queue = bench.queue()
    job = bench.ended(bench.submit(["true"], queue=queue))
    filters = [{"name": "AFTER_CREATED_AT", "values": [str(job["createdAt"] + 60_000)]}]
    found = bench.batch.list_jobs(jobQueue=queue, filters=filters)["jobSummaryList"]
    return as_aws(found == [], "the filter is not read")


@requests("ListJobs comes in pages of `maxResults`", "API ListJobs")
def listing_pages(bench: Bench) -> Verdict:
    queue = bench.queue()
    bench.all_ended([bench.submit(["true"], queue=queue) for _ in range(3)])
    page = bench.batch.list_jobs(jobQueue=queue, jobStatus="SUCCEEDED", maxResults=2)
    if len(page["jobSummaryList"]) != 2 or not page.get("nextToken"):
        return Verdict("no", "all in one")
    rest = bench.batch.list_jobs(jobQueue=queue, jobStatus="SUCCEEDED", nextToken=page["nextToken"])
    return as_aws(len(rest["jobSummaryList"]) == 1, "the second page is another")


@requests("A request that was signed with another key is refused", "CommonErrors")
def signatures(bench: Bench) -> Verdict:
    stranger = boto3.client(
        "batch",
        region_name=REGION,
        endpoint_url=bench.system.endpoint_url,
        aws_access_key_id="AKIDSTRANGER",
        aws_secret_access_key="a stranger's",
    )
    return as_aws(bench.refusal(stranger.describe_job_queues), "it knows no keys")


_OPEN_TO_EVENTS = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},'
    ' "Action": "sqs:SendMessage", "Resource": "*"}]}'
)


@requests(
    "Each change of a job's state is an event on EventBridge, and reaches the targets of rules", "batch_cwe_events"
)
def events(bench: Bench) -> Verdict:
    bus, queues, name = bench.client("events"), bench.client("sqs"), bench.named()
    url = queues.create_queue(QueueName=name, Attributes={"Policy": _OPEN_TO_EVENTS})["QueueUrl"]
    asked = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    pattern = '{"source": ["aws.batch"], "detail-type": ["Batch Job State Change"]}'
    bus.put_rule(Name=name, EventPattern=pattern)
    bus.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": asked["Attributes"]["QueueArn"]}])
    job = bench.submit(["true"])
    bench.ended(job)
    told: list[str] = []

    def more() -> list[str]:
        received = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        told.extend(message["Body"] for message in received if job in message["Body"])
        return told

    bench.waited(more, lambda bodies: any("SUCCEEDED" in body for body in bodies), within_s=3)
    is_whole = all(any(f'"{status}"' in body for body in told) for status in ("RUNNABLE", "RUNNING", "SUCCEEDED"))
    return YES if is_whole else Verdict("partly", "not every state") if told else Verdict("no", "none")
