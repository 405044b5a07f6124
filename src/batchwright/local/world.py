"""What the local AWS Batch asks of the services around it."""

from typing import Protocol


class World(Protocol):
    """Answers whether the resources of other services that a request names exist."""

    def instance_profile_age_s(self, region: str, name_or_arn: str) -> float | None:
        """Return how many seconds ago the instance profile was made, or None where it does not exist."""
        ...

    def role_age_s(self, arn: str) -> float | None:
        """Return how many seconds ago the role was made, or None where it does not exist."""
        ...

    def make_service_linked_role(self) -> None:
        """Make the role that Batch has for itself, where it is not there yet."""
        ...

    def subnet_exists(self, region: str, subnet_id: str) -> bool:
        """Return whether the subnet exists in the region."""
        ...

    def security_group_exists(self, region: str, group_id: str) -> bool:
        """Return whether the security group exists in the region."""
        ...
