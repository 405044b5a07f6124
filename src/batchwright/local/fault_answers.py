"""What each service answers when it throttles or fails, in AWS's words."""

from batchwright.local.messages import Answer, Call
from batchwright.local.operations import operation_of, service_of
from batchwright.local.refused import refusal

_RATE = "Rate exceeded"
_CAPACITY = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
# Status, code, message.
_THROTTLED = {
    "batch": (429, "TooManyRequestsException", "Too Many Requests"),
    "ec2": (503, "RequestLimitExceeded", "Request limit exceeded."),
    "iam": (400, "Throttling", _RATE),
    "resourcegroupstaggingapi": (400, "ThrottledException", _RATE),
    "sts": (400, "Throttling", _RATE),
}
_FAILED = {
    "batch": (500, "ServerException", "Internal server error"),
    "ec2": (500, "InternalError", "An internal error has occurred"),
    "iam": (500, "ServiceFailure", "The request processing has failed because of an unknown error."),
    "logs": (503, "ServiceUnavailableException", "The service cannot complete the request."),
    "resourcegroupstaggingapi": (500, "InternalServiceException", "The request processing failed; try again."),
    "secretsmanager": (500, "InternalServiceError", "An error occurred on the server side."),
    "sts": (500, "InternalFailure", "The request processing has failed because of an unknown error."),
}
_TABLE_OPERATIONS = ("Table", "Backup", "TimeToLive", "Resource", "Limits", "Endpoints", "Export", "Import")
CAPACITY_CODE, CAPACITY_MESSAGE = "ProvisionedThroughputExceededException", _CAPACITY
"""How DynamoDB refuses what reads or writes items too fast."""


def throttled(call: Call) -> Answer:
    """Return the answer of the called service to a caller that is too fast."""
    service = service_of(call)
    status, code, message = _THROTTLED.get(service, (400, "ThrottlingException", _RATE))
    if service == "dynamodb" and not any(word in operation_of(call) for word in _TABLE_OPERATIONS):
        code, message = CAPACITY_CODE, CAPACITY_MESSAGE
    return refusal(code, message, status=status, service=call.service)


def failed(call: Call, code: str | None, status: int | None, message: str | None) -> Answer:
    """Return an error answer, with the called service's own internal error for what is None.

    Args:
        call: The call that fails.
        code: The error code; with one of the caller's own the status is 400 where none is given.
        status: The HTTP status.
        message: What the caller reads.
    """
    usual = _FAILED.get(service_of(call), (500, "InternalServerError", "Internal server error"))
    if code is None:
        return refusal(usual[1], message or usual[2], status=status or usual[0], service=call.service)
    return refusal(code, message or f"{code}, by a fault rule", status=status or 400, service=call.service)
