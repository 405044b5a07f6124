"""What a job's container needs of the services around Batch before it starts: its volumes and its secrets."""

from collections.abc import Callable, Mapping

import attrs

from batchwright.local.efs_memory import EfsMemory
from batchwright.local.job_secrets import SecretStores, secret_variables
from batchwright.local.messages import as_object
from batchwright.local.state import Job
from batchwright.local.unprovided import UnprovidedError
from batchwright.local.volumes import mount_refusal

Provide = Callable[[Job], Mapping[str, str]]
"""Returns a job's secrets as variables for one attempt; raises UnprovidedError where the attempt cannot start."""


def provide_nothing(job: Job) -> Mapping[str, str]:
    """Let every job start, without secrets."""
    return {}


@attrs.frozen(kw_only=True)
class Provisions:
    """Looks at every start of a job whether what it needs is there, as the agent of ECS does.

    Args:
        stores: Where secrets are.
        efs: Knows which file systems there are.
    """

    stores: SecretStores
    efs: EfsMemory

    def __call__(self, job: Job) -> Mapping[str, str]:
        """Return the secrets of the job's container as variables.

        Raises:
            UnprovidedError: A volume cannot be mounted, or a secret cannot be read.
        """
        region = job.region_name
        for volume in job.container.get("volumes") or ():
            if configuration := volume.get("efsVolumeConfiguration"):
                _require_volume(self.efs, region, configuration)
        return secret_variables(job.container.get("secrets") or (), region, self.stores)


def _require_volume(efs: EfsMemory, region: str, configuration: Mapping[str, object]) -> None:
    file_system_id = str(configuration["fileSystemId"])
    if not efs.is_reachable(region, file_system_id):
        raise UnprovidedError(
            mount_refusal(
                f'Failed to resolve "{file_system_id}.efs.{region}.amazonaws.com" - check that your file system ID is '
                "correct, and ensure that the VPC has an EFS mount target for this file system ID."
            )
        )
    point = str((as_object(configuration.get("authorizationConfig")) or {}).get("accessPointId", ""))
    if point and efs.points.get((region, point)) != file_system_id:
        why = f"mount.nfs4: access denied by server: {file_system_id} has no access point {point}"
        raise UnprovidedError(mount_refusal(why))
