"""The rclone configuration as a secret of its own transfer, and the role that hands it to the container."""

from __future__ import annotations

import hashlib
from typing import Final

import attrs

from batchwright.connection import Connection
from batchwright.defaults import ECS_EXECUTION_POLICY
from batchwright.neuroconv.inputs import RcloneConfig
from batchwright.resources.iam_policies import own_path
from batchwright.resources.iam_role import IamRole
from batchwright.resources.secret_stores import STORES
from batchwright.resources.stored_secret import StoredSecret
from batchwright.session import BatchSession

FOLDER: Final = "rclone/"
HASH_DIGITS: Final = 16


def config_secret(session: BatchSession, config: RcloneConfig, *, known_by: str) -> StoredSecret | None:
    """The secret that holds a transfer's configuration; None where there is nothing in it.

    Each submission has its own, so that the end of one transfer takes away no other's.
    """
    if config.is_empty:
        return None
    digest = hashlib.sha256(known_by.encode()).hexdigest()[:HASH_DIGITS]
    return session.stored_secret(name=FOLDER + digest, store=config.store, value=config.text)


def transfer_role(session: BatchSession) -> IamRole:
    """What ECS may do to start a transfer: read its configuration too.

    One role for all transfers: a new role for each would stay behind for each, and be known to AWS seconds late. The
    code in a container does not have it, and gets the one secret that its definition names.
    """
    return session.iam_role(
        name=f"batchwright-{session.namespace}-{session.region}-rclone",
        managed_policies=(ECS_EXECUTION_POLICY,),
        access_to=(RcloneConfigs(session),),
    )


@attrs.frozen
class RcloneConfigs:
    """All configurations of the session's namespace and region, as something that a role can be given access to."""

    session: Connection = attrs.field(repr=False)

    def access_policy(self) -> tuple[str, dict[str, object]]:
        """Name and document of the IAM policy that lets a role read these."""
        name = f"{own_path(self.session)}{FOLDER}*"
        statements = [store.reader_statement(self.session, name) for store in STORES.values()]
        return f"batchwright-rclone-{self.session.region}", {"Version": "2012-10-17", "Statement": statements}
