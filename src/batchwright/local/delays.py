"""How long each thing takes in the local AWS Batch, in seconds of the server's clock."""

import attrs


@attrs.frozen(kw_only=True)
class Delays:
    """Seconds that the local server lets pass before a change has settled; zero means that it shows at once.

    Args:
        environment_s: CREATING or UPDATING of a compute environment.
        queue_s: CREATING or UPDATING of a job queue.
        delete_s: DELETING of a compute environment or job queue.
        deleted_s: DELETED, still described and still in possession of its name.
        job_submit_s: A job between SUBMITTED and RUNNABLE.
        job_start_s: A job between RUNNABLE and RUNNING.
        file_system_s: An EFS file system in `creating`.
        mount_target_s: An EFS mount target in `creating`.
        table_s: A DynamoDB table in CREATING, UPDATING or DELETING.
        iam_propagation_s: The age at which a role or instance profile works in other services.
        listing_lag_s: The age at which ListJobs shows a job.
        describe_lag_s: The age at which DescribeJobs shows a job.
        environment_lag_s: The age at which DescribeComputeEnvironments shows a compute environment.
        queue_lag_s: The age at which DescribeJobQueues shows a job queue.
        definition_lag_s: The age at which DescribeJobDefinitions shows a revision.
    """

    environment_s: float = 0.0
    queue_s: float = 0.0
    delete_s: float = 0.0
    deleted_s: float = 0.0
    job_submit_s: float = 0.0
    job_start_s: float = 0.0
    file_system_s: float = 0.0
    mount_target_s: float = 0.0
    table_s: float = 0.0
    iam_propagation_s: float = 0.0
    listing_lag_s: float = 0.0
    describe_lag_s: float = 0.0
    environment_lag_s: float = 0.0
    queue_lag_s: float = 0.0
    definition_lag_s: float = 0.0

    def lagging(self, seconds: float) -> "Delays":
        """Return these delays with nothing shown by a listing or description before that age."""
        return attrs.evolve(
            self,
            listing_lag_s=max(self.listing_lag_s, seconds),
            describe_lag_s=max(self.describe_lag_s, seconds),
            environment_lag_s=max(self.environment_lag_s, seconds),
            queue_lag_s=max(self.queue_lag_s, seconds),
            definition_lag_s=max(self.definition_lag_s, seconds),
        )

    @classmethod
    def none(cls) -> "Delays":
        """Return delays under which everything settles at once."""
        return cls()

    @classmethod
    def brief(cls) -> "Delays":
        """Return delays of tenths of seconds: every state is passed through, and nobody waits for long."""
        return cls(
            environment_s=0.3,
            queue_s=0.2,
            delete_s=0.2,
            job_submit_s=0.05,
            job_start_s=0.1,
            file_system_s=0.2,
            mount_target_s=0.3,
            table_s=0.1,
        )

    @classmethod
    def realistic(cls) -> "Delays":
        """Return delays like those seen on AWS."""
        return cls(
            environment_s=35.0,
            queue_s=10.0,
            delete_s=30.0,
            deleted_s=30.0,
            job_submit_s=2.0,
            job_start_s=20.0,
            file_system_s=15.0,
            mount_target_s=60.0,
            table_s=8.0,
            iam_propagation_s=10.0,
            listing_lag_s=2.0,
            describe_lag_s=0.5,
            environment_lag_s=2.0,
        )
