"""Refusals by the gateway and by our rules around moto, in the shape that the called service's client can read."""

import uuid
from xml.sax.saxutils import escape

from batchwright.local.messages import Answer, answer_json

_QUERY_SERVICES = frozenset({"iam", "sts", "sns", "monitoring"})
_QUERY_CODES = {
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
}
_EC2_CODES = {**_QUERY_CODES, "UnrecognizedClientException": "AuthFailure", "InvalidSignatureException": "AuthFailure"}


def refusal(code: str, message: str, *, status: int = 400, service: str = "") -> Answer:
    """Return the error `code` as `service` would send it: XML for the query protocols, JSON for all others."""
    if service == "ec2":
        return _xml("<Response><Errors>{error}</Errors></Response>", _EC2_CODES.get(code, code), message, status)
    if service in _QUERY_SERVICES:
        template = "<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
        return _xml(template, _QUERY_CODES.get(code, code), message, status)
    answer = answer_json({"__type": code, "message": message}, status=status)
    headers = {**answer.headers, "x-amzn-errortype": code, "x-amzn-requestid": str(uuid.uuid4())}
    return Answer(status=status, headers=headers, body=answer.body)


def service_in(authorization: str) -> str:
    """Return the service that an Authorization header claims to be for, whether or not it is true."""
    parts = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    return parts[3] if len(parts) == 5 else ""


def _xml(template: str, code: str, message: str, status: int) -> Answer:
    error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    body = template.format(error=error, request_id=uuid.uuid4())
    return Answer(status=status, headers={"content-type": "text/xml"}, body=body.encode())
