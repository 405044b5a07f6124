"""What is broken about queues, environments, definitions, and what a job asks for or waits for."""

from typing import Any, cast

from batchwright import BatchJob, ComputeEnvironment
from batchwright.jobs.description import describe_jobs
from batchwright.local.state import Environment, Queue
from batchwright.resources.consumable_resource import client_knows

from .breaking import LONG, World, breaks


def environment_of(world: World) -> Environment:
    return world.aws.state.region("us-east-2").environments["lab"]


def queue_of(world: World) -> Queue:
    return world.aws.state.region("us-east-2").queues["lab"]


def ensured_environment(world: World) -> ComputeEnvironment:
    world.environment.ensure()
    return world.environment


def runnable(world: World, **fields: object) -> BatchJob:
    """A job that waits because another one fills the environment."""
    world.job("big", vcpus=4, wait_s=100)
    return world.job(**cast("Any", {"wait_s": 10, **fields}))


@breaks("queue-missing")
def _(world: World) -> object:
    return world.queue


@breaks("queue-disabled")
def _(world: World) -> object:
    world.queue.ensure()
    world.session.batch.update_job_queue(jobQueue="lab", state="DISABLED")
    return world.queue


@breaks("queue-invalid")
def _(world: World) -> object:
    world.queue.ensure()
    queue_of(world).status, queue_of(world).status_reason = "INVALID", "CLIENT_ERROR - something is wrong"
    return world.queue


@breaks("queue-no-environment")
def _(world: World) -> object:
    world.queue.ensure()
    world.session.batch.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    world.aws.advance(100)
    return world.queue


@breaks("environment-missing")
def _(world: World) -> object:
    return world.environment


@breaks("environment-disabled")
def _(world: World) -> object:
    environment = ensured_environment(world)
    world.session.batch.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    world.aws.advance(100)
    return environment


@breaks("environment-invalid")
def _(world: World) -> object:
    ensured_environment(world)
    seen = environment_of(world)
    seen.status, seen.status_reason = "INVALID", "INTERNAL_ERROR - nobody knows"
    return world.environment


@breaks("definition-inactive")
def _(world: World) -> object:
    job = world.waiting_job()
    world.session.batch.deregister_job_definition(jobDefinition="convert:1")
    return job


@breaks("resource-missing")
def _(world: World) -> object:
    return world.session.status_tracker(name="no-such-table")


@breaks("resource-failed")
def _(world: World) -> object:
    tracker = world.session.status_tracker(name="jobs")
    tracker.ensure()
    _report_status(world, "ARCHIVED")
    return tracker


def _report_status(world: World, status: str) -> None:
    """Have DescribeTable tell another status, as AWS does of a table that it has put away."""

    def change(parsed: dict[str, Any], **_: object) -> None:
        parsed["Table"]["TableStatus"] = status

    world.session.dynamodb.meta.events.register("after-call.dynamodb.DescribeTable", cast("Any", change))


@breaks("job-not-submitted")
def _(world: World) -> object:
    return world.session.batch_job(name="sub-01", definition=world.definition(), queue=world.queue)


@breaks("job-status-reason")
def _(world: World) -> object:
    job = world.waiting_job()
    seen = world.of(job)
    seen.status = "RUNNABLE"
    seen.status_reason = "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS - Batch service role has a permission issue."
    return job


@breaks("job-over-max-vcpus")
def _(world: World) -> object:
    return world.waiting_job(vcpus=8)


@breaks("job-over-instances")
def _(world: World) -> object:
    small = world.session.compute_environment(name="lab", max_vcpus=4, instance_types=["c6i.large"])
    return world.waiting_job(queue=world.session.job_queue(name="lab", compute_environments=small), memory_gib=8)


@breaks("job-no-gpu")
def _(world: World) -> object:
    return world.waiting_job(gpus=1)


@breaks("job-wrong-architecture")
def _(world: World) -> object:
    return world.waiting_job(definition=world.definition(image="arm64v8/busybox:1.36"))


@breaks("job-fargate-sizes")
def _(world: World) -> object:
    job = on_fargate(world)
    world.of(job).container["resourceRequirements"] = [
        {"type": "VCPU", "value": "1"},
        {"type": "MEMORY", "value": "16384"},
    ]
    return job


@breaks("job-wrong-platform")
def _(world: World) -> object:
    job = on_fargate(world)
    revision = world.aws.state.region("us-east-2").definitions["convert"][0]
    revision.request["platformCapabilities"] = ["EC2"]
    return job


def on_fargate(world: World) -> BatchJob:
    environment = world.session.compute_environment(name="fargate", type="FARGATE", max_vcpus=4)
    queue = world.session.job_queue(name="fargate", compute_environments=environment)
    definition = world.definition(platform="FARGATE", memory_gib=2)
    return world.waiting_job(definition=definition, queue=queue)


@breaks("job-behind-blocker")
def _(world: World) -> object:
    world.job("too-large", vcpus=8)
    return world.job(wait_s=60)


@breaks("job-environments-full")
def _(world: World) -> object:
    return runnable(world)


@breaks("job-silent")
def _(world: World) -> object:
    job = runnable(world, wait_s=1200)
    jobs = world.aws.state.region("us-east-2").jobs
    del jobs[next(job_id for job_id, each in jobs.items() if each.name == "big")]
    return job


@breaks("job-dependency-failed")
def _(world: World) -> object:
    first = world.job("first", command=["false"], environment={}, wait_s=0)
    second = world.job("second", depends_on=[first], wait_s=300)
    assert world.of(second).status == "FAILED"
    return second


@breaks("job-dependency-gone")
def _(world: World) -> object:
    first = world.job("first", environment=LONG)
    second = world.job("second", depends_on=[first], wait_s=400)
    del world.aws.state.region("us-east-2").jobs[first.job_id()]
    return second


def without_licence(world: World) -> object:
    """A job that needs what somebody has taken away."""
    world.session.consumable_resource(name="licence", total_quantity=1).ensure()
    ids = [_needing(world, name) for name in ("first", "second")]
    world.aws.advance(100)
    world.session.batch.delete_consumable_resource(consumableResource="licence")
    return describe_jobs(world.session, ids)[ids[1]]


if client_knows():  # with an older boto3 nobody can have such a job
    breaks("job-consumable")(without_licence)


def _needing(world: World, name: str) -> str:
    """A job that needs a unit of the licence."""
    world.session.ensure(world.queue, world.definition())
    answer = world.session.batch.submit_job(
        jobName=name,
        jobQueue="lab",
        jobDefinition="convert",
        containerOverrides={"environment": [{"name": key, "value": value} for key, value in LONG.items()]},
        consumableResourcePropertiesOverride={
            "consumableResourceList": [{"consumableResource": "licence", "quantity": 1}]
        },
    )
    return answer["jobId"]
