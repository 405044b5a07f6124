"""What is broken about what a job definition names in other services."""

from typing import Any

from batchwright import BatchSession
from batchwright.jobs.description import JobDescription, describe_jobs

from .breaking import World, breaks
from .healthy import on_ec2


def with_container(session: BatchSession, **members: object) -> JobDescription:
    """A job that waits, of a definition `bare` whose container has these members."""
    on_ec2(session)
    container: Any = {
        "image": "busybox",
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}],
        **members,
    }
    session.batch.register_job_definition(jobDefinitionName="bare", type="container", containerProperties=container)
    queue = session.defaults.job_queue.name
    job = session.batch.submit_job(jobName="bare", jobQueue=queue, jobDefinition="bare")
    session.clock.sleep(8)
    return describe_jobs(session, [job["jobId"]])[job["jobId"]]


@breaks("log-group-missing")
def _(world: World) -> object:
    options = {"awslogs-group": "/lab/jobs"}
    return with_container(world.session, logConfiguration={"logDriver": "awslogs", "options": options})


@breaks("secret-missing")
def _(world: World) -> object:
    secret = world.session.stored_secret(name="key", value="hidden-value")
    job = world.session.submit("sub-01", image="busybox", command=["true"], secrets={"KEY": secret})
    world.aws.advance(8)
    assert not world.session.diagnose(job)
    world.session.secretsmanager.delete_secret(SecretId=secret.full_name)
    return job
