"""The role that AWS Batch has for itself, which moto names otherwise and never makes by itself."""

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import attrs

from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward
from batchwright.local.refused import refusal

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_BATCH: Final = "batch.amazonaws.com"
_ROLE: Final = "AWSServiceRoleForBatch"
_POLICY_ARN: Final = "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"


def make_role_of_batch(iam: "IAMClient") -> bool:
    """Make the role, and return whether it was not there yet."""
    statement = {"Effect": "Allow", "Principal": {"Service": _BATCH}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        iam.create_role(RoleName=_ROLE, Path=f"/aws-service-role/{_BATCH}/", AssumeRolePolicyDocument=trust)
    except iam.exceptions.EntityAlreadyExistsException:
        return False
    iam.attach_role_policy(RoleName=_ROLE, PolicyArn=_POLICY_ARN)
    return True


def create_service_linked_role(call: Call, forward: Forward, iam: "IAMClient") -> Answer:
    """Answer CreateServiceLinkedRole: Batch's under AWS's own name, and one that is there as invalid input."""
    if call.form().get("AWSServiceName") != _BATCH:
        answer = forward(call)
        return answer if answer.is_success or b"EntityAlreadyExists" not in answer.body else _taken()
    if not make_role_of_batch(iam):
        return _taken()
    body = urlencode({"Action": "GetRole", "Version": call.form().get("Version", ""), "RoleName": _ROLE}).encode()
    shown = forward(attrs.evolve(call, body=body, headers={**call.headers, "content-length": str(len(body))}))
    return attrs.evolve(shown, body=shown.body.replace(b"GetRoleRes", b"CreateServiceLinkedRoleRes"))


def delete_service_linked_role(call: Call, forward: Forward, iam: "IAMClient") -> Answer:
    """Answer DeleteServiceLinkedRole: its policies go along, which moto takes for a reason to refuse."""
    name = call.form().get("RoleName", "")
    if _named(name, iam):
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy.get("PolicyArn", ""))
    return forward(call)


def _named(name: str, iam: "IAMClient") -> bool:
    try:
        return iam.get_role(RoleName=name)["Role"]["Path"].startswith("/aws-service-role/")
    except iam.exceptions.NoSuchEntityException:
        return False


def _taken() -> Answer:
    message = "Service role name has been taken in this account, please try a different suffix."
    return refusal("InvalidInput", message, service="iam")
