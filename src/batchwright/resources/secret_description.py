"""What is known of one secret without reading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from batchwright._display import quiet
from batchwright._wire import Description
from batchwright.connection import Connection
from batchwright.resources.iam_policies import own_path
from batchwright.resources.secret_text import HeldText, unreadable_text

SCHEDULED: Final = "SCHEDULED_FOR_DELETION"


@attrs.frozen(kw_only=True)
class StoredSecretDescription(Description):
    """What `secretsmanager:DescribeSecret` or `ssm:DescribeParameters` report of one secret; never its value.

    Attributes:
        name: Its name, without the namespace's own path.
        full_name: Its name in AWS.
        arn: Its ARN, as a container's `secrets` name it.
        store: `"secretsmanager"` or `"ssm"`.
        kms_key: The KMS key, as AWS names it; empty for AWS's own.
        type: `"SecureString"` in SSM, if it is encrypted; empty in Secrets Manager.
    """

    name: str
    full_name: str
    arn: str
    store: str
    kms_key: str = ""
    type: str = ""
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)
    held: HeldText = attrs.field(factory=unreadable_text, metadata=quiet(), eq=False, hash=False)


def name_below(session: Connection, full_name: str) -> str:
    """The name by which a secret is declared: without the path that it has unless another one is named."""
    return full_name.removeprefix(own_path(session))
