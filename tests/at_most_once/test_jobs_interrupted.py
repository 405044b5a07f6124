"""A process that dies at any request about an at-most-once job: the same calls again leave one run and no unit."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright import (
    BatchJob,
    BatchSession,
    ComputeEnvironment,
    DefaultNetwork,
    JobDefinition,
    JobQueue,
    SecurityGroup,
    StatusTracker,
)
from batchwright.local.in_process import InProcessAws

ABOUT_THE_JOB = ("*ConsumableResource", "*Item", "SubmitJob", "TerminateJob", "ListJobs")


class DeathError(BaseException):
    """What no code survives."""


class DeadlyAws(InProcessAws):
    """An AWS whose caller dies at one of its requests about the job, and can clean nothing up."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        """How many requests about the job its caller may still send; 0 when it is dead."""
        self.is_served = False

    def _answer(self, request: AWSPreparedRequest, event_name: str, **members: object) -> AWSResponse:
        if self.left == 0:
            raise DeathError
        if self.left and any(fnmatchcase(event_name.rpartition(".")[2], each) for each in ABOUT_THE_JOB):
            self.left -= 1
            if self.left == 0:
                if self.is_served:
                    super()._answer(request, event_name, **members)
                raise DeathError
        return super()._answer(request, event_name, **members)


@pytest.fixture
def aws() -> Iterator[DeadlyAws]:
    aws = DeadlyAws()
    yield aws
    aws.close()


def declared(session: BatchSession, name: str) -> BatchJob:
    """With the least around it: what is looked at again each time costs the test its time."""
    network = DefaultNetwork(session)
    group = SecurityGroup(session, name="lab", network=network)
    environment = ComputeEnvironment(session, name="lab", type="FARGATE", network=network, security_groups=group)
    queue = JobQueue(session, name="lab", compute_environments=environment)
    role = "arn:aws:iam::123456789012:role/execution"
    definition = JobDefinition(session, name="convert", image="busybox", platform="FARGATE", execution_role=role)
    tracker = StatusTracker(session, name="jobs")
    return BatchJob(
        session,
        name=name,
        definition=definition,
        queue=queue,
        tracker=tracker,
        command=["true"],
        run_at_most_once=True,
    )


def lived(aws: DeadlyAws, session: BatchSession, name: str, requests: int) -> bool:
    """Whether a process that may send so many requests sees its job's whole life."""
    process = BatchSession("test", boto3_session=aws.boto3_session(), clock=session.clock)
    aws.left = requests
    try:
        job = declared(process, name)
        job.ensure()
        job.wait()
        job.delete()
    except DeathError:
        return False
    finally:
        aws.left = None
    return True


@pytest.mark.parametrize("is_served", [False, True], ids=["before AWS gets it", "before the answer comes"])
def test_whoever_dies_leaves_what_the_next_one_completes(
    session: BatchSession,
    aws: DeadlyAws,
    is_served: bool,
    report_figure: Callable[[str, object], None],
) -> None:
    """However many requests the first process lived for."""
    aws.is_served = is_served
    session.ensure(*(other for other in declared(session, "any").dependencies() if other.kind != "consumable resource"))
    region, requests = aws.state.region("us-east-2"), 1
    while not lived(aws, session, f"sub-{requests}", requests):
        job = declared(session, f"sub-{requests}")
        job.ensure()
        assert job.wait().status == "SUCCEEDED"
        job.delete()
        made = [each for each in region.jobs.values() if each.name == job.name]
        assert [each.status for each in made if each.started_at_ms] == ["SUCCEEDED"], requests
        assert len(made) == 1, requests
        assert list(region.consumables) == [], requests
        requests += 1
    assert requests > 10
    report_figure("at most once, deaths", requests - 1)
