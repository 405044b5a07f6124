"""What the tests of plans share: the account's refusals."""

from collections.abc import Callable

import pytest

from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws

Deny = Callable[[str], None]


@pytest.fixture
def deny(aws: InProcessAws) -> Deny:
    """Take the permission for one operation away, named as in `"ec2:DescribeRouteTables"`."""

    def deny(operation: str) -> None:
        service, _, name = operation.partition(":")
        action = f"{'elasticfilesystem' if service == 'efs' else service}:{name}"
        aws.faults.add(
            Fault.error(
                "AccessDeniedException", status=403, message=f"not authorized to perform: {action}", operation=operation
            )
        )

    return deny
