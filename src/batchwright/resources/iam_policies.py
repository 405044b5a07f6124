"""What roles and instance profiles share: documents as IAM compares them, paths, names, and IAM's late answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from batchwright.connection import Connection
from batchwright.lifecycle import BUSY
from batchwright.translation import code_of, says
from batchwright.values import matching, refuse, several

if TYPE_CHECKING:
    import attrs
    from botocore.exceptions import ClientError

Document = Mapping[str, object]
_NAME: Final = r"[A-Za-z0-9_+=,.@-]"
role_name = matching(re.compile(_NAME + "{1,64}"), "1 to 64 letters, digits or _+=,.@-")
profile_name = matching(re.compile(_NAME + "{1,128}"), "1 to 128 letters, digits or _+=,.@-")
service_principal = matching(
    re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"), "a service's principal, such as 'ecs-tasks.amazonaws.com'"
)
_POLICY_NAME: Final = re.compile(_NAME + "{1,128}")
_POLICY_REFERENCE: Final = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/.+|[A-Za-z0-9_+=,.@/-]+")
_PATH: Final = re.compile(r"/|/[\x21-\x7e]{1,510}/")


class Granting(Protocol):
    """Something that a role can be given access to, such as a `StatusTracker`."""

    def access_policy(self) -> tuple[str, Mapping[str, object]]:
        """The name of the inline policy, and its document."""
        ...


def granting(value: Granting | Iterable[Granting] | None) -> tuple[Granting, ...]:
    """One thing to give access to, a list or a tuple, as a tuple."""
    return several(value)


def documents(value: Mapping[str, Document] | None) -> dict[str, Document]:
    """A private copy of policy documents by name."""
    return dict(value or {})


def policies_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[str, object]) -> None:
    """A validator: inline policies by name, each a document with statements."""
    for name, document in value.items():
        if not (_POLICY_NAME.fullmatch(name) and isinstance(document, Mapping) and "Statement" in document):
            legal = "names of 1 to 128 letters, digits or _+=,.@-, each with a mapping that has a 'Statement'"
            raise refuse(instance, field.name, name, legal)


def references_legal(instance: object, field: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    """A validator: managed policies, as many as IAM ever allows on one role."""
    wrong = [reference for reference in value if not _POLICY_REFERENCE.fullmatch(reference)]
    if wrong or len(value) > 20:
        legal = "at most 20 ARNs of policies or names of AWS's own, such as 'service-role/AWSBatchServiceRole'"
        raise refuse(instance, field.name, wrong[0] if wrong else f"{len(value)} policies", legal)


def grants_legal(instance: object, field: attrs.Attribute[Any], value: tuple[object, ...]) -> None:
    """A validator: things that say which access they need."""
    for item in value:
        if not callable(getattr(item, "access_policy", None)):
            raise refuse(instance, field.name, item, "resources with `access_policy()`, such as a StatusTracker")


def path_legal(instance: object, field: attrs.Attribute[Any], value: str | None) -> None:
    """A validator: a path of IAM, or None."""
    if value is not None and not _PATH.fullmatch(value):
        raise refuse(instance, field.name, value, "'/' or up to 512 printable characters that start and end with '/'")


def own_path(session: Connection) -> str:
    """The path of all that a namespace makes in IAM, which no other listing of AWS can tell apart."""
    return f"/batchwright/{session.namespace}/"


def policy_arn(reference: str, partition: str) -> str:
    """The ARN of a managed policy; a bare name is one of AWS's own."""
    return reference if reference.startswith("arn:") else f"arn:{partition}:iam::aws:policy/{reference}"


def trust_in(service: str) -> Document:
    """The document that lets a service of AWS take on the role."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy_to_read(arns: Iterable[str]) -> Document:
    """The document that lets secrets of Secrets Manager and parameters of SSM be read, and no others.

    Args:
        arns: As a job definition names them; what follows a secret's name picks a part of it, which IAM does not tell.
    """
    # arn, partition, service, region, account, "secret", name: a parameter's ARN is shorter
    things = sorted({":".join(arn.split(":")[:7]) for arn in arns})
    by_service = {
        "secretsmanager:GetSecretValue": [arn for arn in things if ":secretsmanager:" in arn],
        "ssm:GetParameters": [arn for arn in things if ":ssm:" in arn],
    }
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": found} for action, found in by_service.items() if found
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def canonical(document: object) -> str:
    """A policy document as the one text that all equal documents have."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def canonical_all(policies: Mapping[str, Document]) -> dict[str, str]:
    """Policy documents by name, each as its one text."""
    return {name: canonical(document) for name, document in policies.items()}


def create_members(request: Mapping[str, object]) -> dict[str, Any]:
    """What of a request goes into IAM's create call: its own members, which start with a capital letter."""
    return {key: cast("Any", value) for key, value in request.items() if key[0].isupper() and value is not None}


def is_settling(error: ClientError) -> bool:
    """Whether IAM refuses only since it shows, or forgets, something late."""
    if code_of(error) == "NoSuchEntity":
        # A new role is unknown for some seconds; a managed policy that does not exist will never be.
        return not says(error, "attachable")
    return says(error, *BUSY, "EntityTemporarilyUnmodifiable", "DeleteConflict", "InstanceSessionsPerInstanceProfile")
