"""A set in which all is well, and what tests take away from it."""

import attrs

from batchwright import BatchSession
from batchwright.findings import Diagnosis, Finding
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.efs_volume import EfsVolume

RUNNABLE_S = 8
"""Seconds after which a job of an account with AWS's own delays is RUNNABLE, and does not run yet."""


@attrs.frozen(kw_only=True)
class Set:
    """An environment with its queue, and a job in it that mounts a volume."""

    session: BatchSession
    environment: ComputeEnvironment
    job: BatchJob
    volume: EfsVolume | None = None

    @property
    def vpc_id(self) -> str:
        """The VPC that all of it lies in."""
        return self.session.defaults.network.describe().vpc_id

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets of the environment."""
        return self.environment.describe().subnets

    @property
    def group_id(self) -> str:
        """The one security group of the environment."""
        return self.environment.describe().security_group_ids[0]

    @property
    def main_table(self) -> str:
        """The main route table of the VPC."""
        return self.session.ec2.describe_route_tables(
            Filters=[
                {"Name": "vpc-id", "Values": [self.vpc_id]},
                {"Name": "association.main", "Values": ["true"]},
            ]
        )["RouteTables"][0].get("RouteTableId", "")

    @property
    def internet_gateway(self) -> str:
        """The internet gateway of the VPC."""
        return self.session.ec2.describe_internet_gateways()["InternetGateways"][0].get("InternetGatewayId", "")

    def lead_nowhere(self) -> None:
        """Take the route out away."""
        self.session.ec2.delete_route(RouteTableId=self.main_table, DestinationCidrBlock="0.0.0.0/0")


def on_ec2(session: BatchSession) -> Set:
    """The session's own environment of EC2 instances, and a job that waits in it."""
    job = session.submit("sub-01", image="busybox", command=["true"])
    session.clock.sleep(RUNNABLE_S)
    return Set(session=session, environment=session.defaults.compute_environment, job=job)


def on_fargate(session: BatchSession, *, is_public: bool | None = None) -> Set:
    """An environment of Fargate, and a job that waits in it."""
    environment = session.compute_environment(name="tasks", type="FARGATE", max_vcpus=4)
    queue = session.job_queue(name="tasks", compute_environments=environment)
    definition = session.job_definition(
        name="task", image="busybox", platform="FARGATE", vcpus=1, memory_gib=2, assign_public_ip=is_public
    )
    job = session.batch_job(name="sub-01", definition=definition, queue=queue, command=["true"])
    job.ensure()
    session.clock.sleep(RUNNABLE_S)
    return Set(session=session, environment=environment, job=job)


def with_volume(session: BatchSession) -> Set:
    """The session's own environment, and a job in it that mounts a volume."""
    volume = session.efs_volume(name="scratch")
    job = session.submit("sub-01", image="busybox", command=["true"], volumes={"/mnt/efs": volume})
    session.clock.sleep(RUNNABLE_S)
    return Set(session=session, environment=session.defaults.compute_environment, job=job, volume=volume)


def first(diagnosis: Diagnosis) -> Finding:
    """The first finding, which says all that a finding has to say."""
    top = diagnosis.top
    assert top is not None, diagnosis
    assert top.fix
    assert top.evidence
    assert top.subject
    assert top.source.startswith("https://docs.aws.amazon.com/")
    return top
