"""Which roles Step Functions may take on."""

import json
from typing import Any

import attrs
from botocore.exceptions import ClientError

from batchwright.local.inner_clients import InnerClients
from batchwright.local.state import State
from batchwright.local.state_machines.answers import StatesRefusal
from batchwright.local.state_machines.policy_documents import as_items, names_service, statements_of
from batchwright.local.surroundings import Births

SERVICE = "states.amazonaws.com"


@attrs.frozen(kw_only=True, eq=False)
class Roles:
    """Looks at IAM's roles.

    Args:
        clients: Clients of IAM.
        births: When roles were made.
        state: Says for how long a new role cannot be taken on.
    """

    clients: InnerClients
    births: Births
    state: State

    def require_assumable(self, role_arn: str) -> None:
        """Refuse a role that Step Functions cannot take on, as it cannot in the first seconds of the role.

        Raises:
            StatesRefusal: As AWS words it, whatever the reason.
        """
        name = role_arn.rpartition("/")[2]
        try:
            role = self.clients.iam().get_role(RoleName=name)["Role"]
        except ClientError:
            raise _not_authorized() from None
        is_young = self.births.age_s("role", name) < self.state.delays.iam_propagation_s
        if is_young or role["Arn"] != role_arn or not _trusts(role.get("AssumeRolePolicyDocument", {})):
            raise _not_authorized()


def _trusts(document: object) -> bool:
    text = document if isinstance(document, str) else json.dumps(document)
    return any(_is_trust(statement) for statement in statements_of(text))


def _is_trust(statement: dict[str, Any]) -> bool:
    actions = set(as_items(statement.get("Action", [])))
    is_meant = names_service(statement, SERVICE) and bool({"sts:AssumeRole", "sts:*", "*"} & actions)
    return statement.get("Effect") == "Allow" and is_meant


def _not_authorized() -> StatesRefusal:
    message = (
        f"Neither the global service principal {SERVICE}, nor the regional one is authorized to assume the provided "
        "role."
    )
    return StatesRefusal("AccessDeniedException", message)
