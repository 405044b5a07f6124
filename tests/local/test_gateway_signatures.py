"""Who the gateway lets in: signatures are made by botocore here, and checked by our own code."""

from collections.abc import Mapping
from datetime import datetime

import attrs
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from batchwright.local.messages import Call
from batchwright.local.signature import KeyPair, SignaturePolicy, SignatureRefused, sign, verify
from batchwright.local.transport import call_of

KEYS = KeyPair(access_key_id="AKIATESTTESTTESTTEST", secret_access_key="secret/secret+secret")


def signed_by_botocore(
    *,
    url: str = "http://127.0.0.1:4000/v1/describejobs",
    method: str = "POST",
    body: bytes = b'{"jobs": []}',
    headers: Mapping[str, str] | None = None,
    service: str = "batch",
) -> Call:
    request = AWSRequest(method, url, headers={"Content-Type": "application/json", **(headers or {})}, data=body)
    SigV4Auth(Credentials(KEYS.access_key_id, KEYS.secret_access_key), service, "eu-west-1").add_auth(request)
    return call_of(request.prepare())


def verified(call: Call, *, late_s: float = 0.0, keys: KeyPair = KEYS) -> Call:
    return verify(call, keys, now=signed_at(call) + late_s, policy=SignaturePolicy())


def signed_at(call: Call) -> float:
    return datetime.strptime(call.headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()


@pytest.mark.parametrize(
    ("url", "method"),
    [
        ("http://127.0.0.1:4000/v1/describejobs", "POST"),
        ("http://127.0.0.1:4000/", "POST"),
        ("http://127.0.0.1:4000/v1/tags/arn%3Aaws%3Abatch%3Ax%3A1%3Ajob%2Fa%20b", "GET"),
        ("http://127.0.0.1:4000/v1/tags/x?tagKeys=b&tagKeys=a&tagKeys=a%20c&tag-Key=1&empty=", "DELETE"),
        ("http://127.0.0.1:4000/2015-02-01//file-systems/./x/../y/?CreationToken=%C3%A9~", "GET"),
    ],
)
def test_botocores_signature_is_accepted(url: str, method: str) -> None:
    """Whatever path and query a client sends, the signature that botocore makes of it is the one we expect."""
    call = verified(signed_by_botocore(url=url, method=method))
    assert (call.service, call.region) == ("batch", "eu-west-1")


def test_our_own_signature_is_botocores() -> None:
    """Signing and checking share one algorithm, so a call that we sign passes our own check."""
    call = Call(method="POST", path="/x", headers={"host": "127.0.0.1:1"}, body=b"{}", service="s", region="r")
    signed = attrs.evolve(call, headers={**call.headers, **sign(call, KEYS, at=1_800_000_000)})
    assert verified(signed) == signed


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": b'{"jobs": ["other"]}'}, "InvalidSignatureException"),
        ({"path": "/v1/terminatejob"}, "InvalidSignatureException"),
        ({"query": "a=b"}, "InvalidSignatureException"),
        ({"method": "DELETE"}, "InvalidSignatureException"),
        ({"headers": {"x-amz-date": "20260301T120000Z"}}, "MissingAuthenticationTokenException"),
    ],
)
def test_a_changed_request_is_refused(change: dict[str, object], code: str) -> None:
    """Nothing of a request can be changed after it was signed, nor the signature left out."""
    call = attrs.evolve(signed_by_botocore(), **change)
    with pytest.raises(SignatureRefused) as caught:
        verified(call)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["x-amz-date", "host", "x-amz-target", "content-type"])
def test_a_changed_signed_header_is_refused(name: str) -> None:
    """Host, time, target and content type are under the signature."""
    call = signed_by_botocore(headers={"X-Amz-Target": "Logs_1.PutLogEvents"})
    with pytest.raises(SignatureRefused):
        verified(attrs.evolve(call, headers={**call.headers, name: "20260301T120001Z"}))


def test_an_unsigned_target_is_refused() -> None:
    """A header that says what to do cannot be added beside the signature."""
    call = signed_by_botocore()
    with pytest.raises(SignatureRefused, match="x-amz-target"):
        verified(attrs.evolve(call, headers={**call.headers, "x-amz-target": "DynamoDB_20120810.DeleteTable"}))


def test_an_unsigned_payload_is_refused() -> None:
    """`UNSIGNED-PAYLOAD` would let the body be exchanged."""
    call = signed_by_botocore(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    with pytest.raises(SignatureRefused, match="payload must be signed"):
        verified(call)


@pytest.mark.parametrize(
    "keys",
    [
        KeyPair(access_key_id="AKIAOTHEROTHEROTHERO", secret_access_key=KEYS.secret_access_key),
        KeyPair(access_key_id=KEYS.access_key_id, secret_access_key="other"),
    ],
)
def test_another_key_pair_is_refused(keys: KeyPair) -> None:
    """Neither another access key nor another secret opens the door."""
    with pytest.raises(SignatureRefused):
        verified(signed_by_botocore(), keys=keys)


@pytest.mark.parametrize(
    ("path", "late_s", "message"),
    [
        ("/v1/describejobs", 299, None),
        ("/v1/describejobs", 301, r"Signature expired: \w+Z is now earlier than \w+Z \(\w+Z - 5 min\.\)"),
        ("/v1/describejobs", -301, "Signature not yet current"),
        ("/v1/submitjob", 899, None),
        ("/v1/submitjob", 901, "Signature expired"),
    ],
)
def test_a_signature_has_its_time(path: str, late_s: float, message: str | None) -> None:
    """A signature is good for 5 minutes of the server's clock, 15 for SubmitJob, as AWS does and the fence needs."""
    call = signed_by_botocore(url=f"http://127.0.0.1:4000{path}")
    if message is None:
        assert verified(call, late_s=late_s).path == path
        return
    with pytest.raises(SignatureRefused, match=message):
        verified(call, late_s=late_s)


def test_the_secret_is_not_shown() -> None:
    """A key pair's repr shows its public half only."""
    assert KEYS.secret_access_key not in repr(KEYS)
