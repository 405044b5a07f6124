"""One identity in one region of AWS: the clients, made when first used, and nothing global."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self, cast
from urllib.parse import urlsplit

from batchwright._clock import Clock, SystemClock
from batchwright._display import Displayed
from batchwright.errors import NoRegionError
from batchwright.limiter import RateLimiter
from batchwright.ownership import tag_value
from batchwright.sightings import Sightings
from batchwright.translation import WRONG_TIME, say_service, translated
from batchwright.values import NAME_LEGAL, NAME_PATTERN, SubmissionPolicy, check_tags, mapping, refuse

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_batch import BatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_efs import EFSClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

    from batchwright.findings import Diagnosis
    from batchwright.jobs.description import JobDescription

NAMESPACE_MAX: Final = 24
"""The longest default name, of a role in the region with the longest name, has 64 characters at the most."""
THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
SIGNED_ANEW_MAX: Final = 3
"""Requests at the most for one call whose signatures AWS refuses as too old: a wrong clock stays wrong."""


class Connection(Displayed):
    """Clients and identity, shared by every resource of a session; picklable unless made from a live boto3 session."""

    file_system_dns_s: float = 90.0
    """Seconds that the DNS name of a file system takes, by AWS's guide, after its mount target is available."""
    iam_propagation_s: float = 10.0
    """Seconds for which a new instance profile may not be known outside IAM; too early, an environment is INVALID."""

    def __init__(
        self,
        namespace: str,
        *,
        region: str | None = None,
        profile: str | None = None,
        boto3_session: boto3.Session | None = None,
        endpoint_url: str | None = None,
        tags: Mapping[str, str] = {},  # never written to
        submission: SubmissionPolicy = SubmissionPolicy(),  # noqa: B008  # frozen
        clock: Clock = SystemClock(),  # noqa: B008  # stateless
    ) -> None:
        if not NAME_PATTERN.fullmatch(namespace) or len(namespace) > NAMESPACE_MAX:
            raise refuse(self, "namespace", namespace, NAME_LEGAL.replace("128", str(NAMESPACE_MAX)))
        self.namespace = namespace
        self.tags = mapping(tags)
        check_tags(self, "tags", self.tags)
        self.submission = submission
        self.clock = clock
        self._region, self._profile, self._endpoint_url = region, profile, endpoint_url
        self._given_session = boto3_session
        self.lock = threading.RLock()
        self.first_available: dict[str, float | None] = {}  # by mount target, once seen on its way
        self.warned_of: set[str] = set()  # variables that look like credentials
        self.sightings = Sightings()
        """What was last read, for showing only."""
        self._clients: dict[str, Any] = {}
        self._caller: dict[str, str] = {}
        self._boto3_session = boto3_session
        self._callbacks: list[Callable[[], None]] = []
        self._limiter: RateLimiter | None = None
        self.place = ""
        """Where the AWS of this session is, if it is not AWS's own; shown with it."""

    # --- identity -------------------------------------------------------------------------------------------------

    @property
    def region(self) -> str:
        """The region, from the argument or boto3's own configuration.

        Raises:
            NoRegionError: None is configured.
        """
        if self._region:
            return self._region
        region = self.boto3_session.region_name
        if not region:
            raise NoRegionError("No AWS region is configured.")
        return region

    @property
    def boto3_session(self) -> boto3.Session:
        """The boto3 session behind the clients, made when first needed."""
        with self.lock:
            if self._boto3_session is None:
                import boto3

                with translated("boto3 session", self._region):
                    self._boto3_session = boto3.Session(profile_name=self._profile, region_name=self._region)
            return self._boto3_session

    @property
    def account_id(self) -> str:
        """The account that the credentials belong to; asked once (`sts:GetCallerIdentity`)."""
        return self._identity()["Account"]

    @property
    def partition(self) -> str:
        """`"aws"`, `"aws-cn"` or `"aws-us-gov"`, from the caller's own ARN."""
        return self._identity()["Arn"].split(":")[1]

    @property
    def caller(self) -> str:
        """The caller's ARN as a tag's value, the name of a role's session left out."""
        arn = self._identity()["Arn"]
        return tag_value("/".join(arn.split("/")[:2]) if ":assumed-role/" in arn else arn)

    def _identity(self) -> dict[str, str]:
        with self.lock:
            if not self._caller:
                with translated("caller identity", self._region):
                    answer = self.sts.get_caller_identity()
                self._caller = {"Account": answer["Account"], "Arn": answer["Arn"]}
            return self._caller

    # --- clients --------------------------------------------------------------------------------------------------

    @property
    def batch(self) -> BatchClient:
        """The AWS Batch client."""
        return cast("BatchClient", self._client("batch"))

    @property
    def batch_once(self) -> BatchClient:
        """A Batch client that sends every request once: SubmitJob has no client token, so a retry can double a job."""
        return cast("BatchClient", self._client("batch", attempts=1))

    @property
    def limiter(self) -> RateLimiter:
        """The pace of SubmitJob, one for all threads of the session."""
        with self.lock:
            if self._limiter is None:
                self._limiter = RateLimiter(self.clock)
            return self._limiter

    @property
    def iam(self) -> IAMClient:
        """The IAM client."""
        return cast("IAMClient", self._client("iam"))

    @property
    def ec2(self) -> EC2Client:
        """The EC2 client."""
        return cast("EC2Client", self._client("ec2"))

    @property
    def efs(self) -> EFSClient:
        """The EFS client."""
        return cast("EFSClient", self._client("efs"))

    @property
    def dynamodb(self) -> DynamoDBClient:
        """The DynamoDB client."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    @property
    def logs(self) -> CloudWatchLogsClient:
        """The CloudWatch Logs client."""
        return cast("CloudWatchLogsClient", self._client("logs"))

    @property
    def secretsmanager(self) -> SecretsManagerClient:
        """The Secrets Manager client."""
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    @property
    def ssm(self) -> SSMClient:
        """The Systems Manager client, for its Parameter Store."""
        return cast("SSMClient", self._client("ssm"))

    @property
    def states(self) -> SFNClient:
        """The Step Functions client, named as its actions are in IAM."""
        return cast("SFNClient", self._client("stepfunctions"))

    @property
    def sts(self) -> STSClient:
        """The STS client."""
        return cast("STSClient", self._client("sts"))

    def _client(self, service: str, *, attempts: int = 5) -> object:
        key = f"{service}/{attempts}"
        with self.lock:
            if key not in self._clients:
                from botocore.config import Config

                with translated(f"{service} client", self._region):
                    # boto3 changed its default mode in 1.44, so it is said; threads share one client and its pool.
                    config = Config(
                        retries={"mode": "standard", "total_max_attempts": attempts},
                        max_pool_connections=64,
                        # The rows are our own: to check each of their values costs more than to write them.
                        parameter_validation=service != "dynamodb",
                        user_agent_extra="batchwright",
                    )
                    make = cast("Any", self.boto3_session).client
                    client = make(service, region_name=self.region, endpoint_url=self._endpoint_url, config=config)
                client.meta.events.register("after-call", say_service, unique_id="batchwright-service")
                if attempts > 1:
                    event = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
                    client.meta.events.register_first(event, _sign_anew, unique_id="batchwright-sign-anew")
                self._clients[key] = client
            return self._clients[key]

    def is_on_this_machine(self, client: object) -> bool:
        """Whether what this client talks to is a process of this machine, where nothing has to spread."""
        return urlsplit(str(cast("Any", client).meta.endpoint_url)).hostname in THIS_MACHINE

    # --- verbs of a session that lower layers call ----------------------------------------------------------------

    def diagnose(self, *subjects: object, timeout_s: float | None = None) -> Diagnosis:
        """Why these do not run, or have failed; a `BatchSession` knows."""
        raise NotImplementedError(f"{type(self).__name__} diagnoses nothing: use BatchSession")

    def diagnose_failure(self, job: JobDescription, last_lines: Sequence[str] = (), *, label: str = "") -> Diagnosis:
        """Why a job has FAILED, without asking AWS; a `BatchSession` knows."""
        raise NotImplementedError(f"{type(self).__name__} diagnoses nothing: use BatchSession")

    def known_job_id(self, submission_id: str) -> str:
        """AWS's id of what was submitted here under this id; empty where that would have to be asked."""
        del submission_id
        return ""

    # --- life -----------------------------------------------------------------------------------------------------

    def on_close(self, callback: Callable[[], None]) -> None:
        """Have `close()` call this, the last one first."""
        self._callbacks.append(callback)

    def close(self) -> None:
        """Close the connections and whatever came with the session; nothing in AWS changes."""
        with self.lock:
            callbacks, self._callbacks = self._callbacks[::-1], []
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()
        for callback in callbacks:
            callback()

    def _key(self) -> tuple[object, ...]:
        return (self.namespace, self._region, self._profile, self._endpoint_url, self._given_session)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        # A copy of a declaration speaks over the same connections.
        return self

    def __getstate__(self) -> dict[str, object]:
        if self._given_session is not None:
            raise TypeError(
                "This session was made from a live boto3 session, which cannot be pickled: give BatchSession a profile "
                "or rely on boto3's own credential chain."
            )
        unpicklable = ("lock", "_clients", "_caller", "_boto3_session", "_callbacks", "_limiter", "sightings")
        return {key: value for key, value in self.__dict__.items() if key not in unpicklable}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, lock=threading.RLock(), _clients={}, _caller={}, _boto3_session=None, _callbacks=[])
        self._limiter, self.sightings = None, Sightings()

    def __repr__(self) -> str:
        place = f", {self.place}" if self.place else ""
        return f"{type(self).__name__}({self.namespace!r}, region={self._region!r}{place})"


def _sign_anew(response: tuple[object, Mapping[str, Any]] | None, attempts: int, **_: object) -> float | None:
    """Have botocore send a request again whose signature had become too old on its way, as in a process that slept.

    AWS did nothing about it, and botocore signs every attempt anew; None leaves the decision to botocore.
    """
    refused = str(response[1].get("Error", {})).lower() if response else ""
    return 0.0 if attempts < SIGNED_ANEW_MAX and any(text in refused for text in WRONG_TIME) else None
