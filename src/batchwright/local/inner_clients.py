"""boto3 clients by which the server itself looks at, and writes to, the services around Batch."""

import threading
from typing import TYPE_CHECKING, Literal, overload

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright.local.transport import Send, call_of, on_event, response_of

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient

InnerService = Literal["ec2", "iam", "logs"]


class InnerClients:
    """Clients that go past the gateway, straight to the neighbours; made on first use.

    Args:
        send: Answers a call.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], EC2Client | IAMClient | CloudWatchLogsClient] = {}
        self._session = boto3.Session("local", "local", region_name="us-east-1")
        on_event(self._session, "before-send", self._answer)

    @overload
    def client(self, service: Literal["ec2"], region: str) -> "EC2Client": ...
    @overload
    def client(self, service: Literal["iam"], region: str) -> "IAMClient": ...
    @overload
    def client(self, service: Literal["logs"], region: str) -> "CloudWatchLogsClient": ...
    def client(self, service: InnerService, region: str) -> "EC2Client | IAMClient | CloudWatchLogsClient":
        """Return the client of `service` in `region`."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.client(service, region_name=region)
            return self._clients[service, region]

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return response_of(request, self._send(call_of(request)))
