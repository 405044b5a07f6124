"""boto3 clients by which the server itself looks at, and writes to, the services around Batch."""

import threading
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from batchwright.local.isolated import isolated_session
from batchwright.local.signature import KeyPair
from batchwright.local.transport import Send, call_of, on_event, response_of

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_stepfunctions import SFNClient

    from batchwright.local.job_secrets import ParameterStore, SecretsManager


_ONCE = Config(retries={"total_max_attempts": 1})
"""To try again is to wait, and whoever calls may hold the one lock."""


class InnerClients:
    """Clients that go past the gateway; made on first use.

    Args:
        send: Answers a call.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], object] = {}
        self._session = isolated_session(KeyPair.random(), "us-east-1")
        on_event(self._session, "before-send", self._answer)

    def ec2(self, region: str) -> "EC2Client":
        """Return the client of EC2 in `region`."""
        return cast("EC2Client", self.client("ec2", region))

    def iam(self) -> "IAMClient":
        """Return the client of IAM."""
        return cast("IAMClient", self.client("iam", "us-east-1"))

    def secrets(self, region: str) -> "SecretsManager":
        """Return the client of Secrets Manager in `region`."""
        return cast("SecretsManager", self.client("secretsmanager", region))

    def parameters(self, region: str) -> "ParameterStore":
        """Return the client of the SSM parameter store in `region`."""
        return cast("ParameterStore", self.client("ssm", region))

    def batch(self, region: str) -> "BatchClient":
        """Return the client of AWS Batch in `region`."""
        return cast("BatchClient", self.client("batch", region))

    def state_machines(self, region: str) -> "SFNClient":
        """Return the client of Step Functions in `region`."""
        return cast("SFNClient", self.client("stepfunctions", region))

    def client(self, service: str, region: str) -> object:
        """Return the client of a service, by its name in boto3, in `region`; it sends each request once."""
        with self._lock:
            if (service, region) not in self._clients:
                # As Any, since the overloads of boto3's stubs name services whose own stubs are not installed.
                session = cast("Any", self._session)
                self._clients[service, region] = session.client(
                    service, region_name=region, endpoint_url="http://local", config=_ONCE
                )
            return self._clients[service, region]

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return response_of(request, self._send(call_of(request)))
