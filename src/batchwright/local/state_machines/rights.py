"""What the role of an execution or of a target may do, held against what is about to be done."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import attrs

from batchwright.local.state_machines.called_resources import CalledResources
from batchwright.local.state_machines.policy_documents import Access, allows

Wire = dict[str, Any]
PoliciesOf = Callable[[str], Iterable[str]]
"""Returns the documents of all policies of the role with this ARN, none where there is no such role."""
_NEEDED_TOO: Mapping[str, tuple[str, ...]] = {"elasticfilesystem:DeleteMountTarget": ("ec2:DeleteNetworkInterface",)}
"""Actions that an operation needs besides its own, since its service does them in the caller's name."""


@attrs.frozen(kw_only=True, eq=False)
class Rights:
    """Decides whether a role may do something.

    Args:
        policies_of: Returns the policies of a role.
        resources: Finds what an operation is done to.
        account: The account's number.
    """

    policies_of: PoliciesOf
    resources: CalledResources
    account: str

    def refusal(self, role_arn: str, action: str, request: Wire, region: str) -> str | None:
        """Return in AWS's words that the role may not do it, None where it may.

        Args:
            role_arn: The role.
            action: The operation as policies name it.
            request: Its request, by the members of the service's model.
            region: Where it is done.
        """
        documents = list(self.policies_of(role_arn))
        for arn in self.resources.arns(action, request, region):
            access = Access(action=action, resource=arn, keys=partial(self.resources.keys, arn, region))
            if not allows(documents, access):
                return self._refused(role_arn, action, arn)
        for other in _NEEDED_TOO.get(action, ()):
            arn = f"arn:aws:ec2:{region}:{self.account}:network-interface/eni-{uuid.uuid4().hex[:17]}"
            if not allows(documents, Access(action=other, resource=arn)):
                return self._refused(role_arn, other, arn)
        return None

    def _refused(self, role_arn: str, action: str, arn: str) -> str:
        user = f"arn:aws:sts::{self.account}:assumed-role/{role_arn.rpartition('/')[2]}/{uuid.uuid4().hex}"
        return (
            f"User: {user} is not authorized to perform: {action} on resource: {arn} "
            f"because no identity-based policy allows the {action} action"
        )
