"""A job definition: what runs, in how large a container, with which files and rights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar, Final, cast

import attrs

from batchwright._display import redacted
from batchwright.connection import Connection
from batchwright.credentials import warn_of_credentials
from batchwright.declaration import from_session, plain, resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import DeclarationError, NotOwnedError
from batchwright.jobs.request import salted_hash
from batchwright.lifecycle import Resource
from batchwright.outcome import Ensured, Resolved
from batchwright.resources.container_properties import Ids, Mounted, container_properties, mount_of
from batchwright.resources.definition_checks import (
    environment_legal,
    image_legal,
    paths_legal,
    request_fits,
    retry_legal,
    role_legal,
    secrets_legal,
    strings_legal,
    user_legal,
    words_legal,
)
from batchwright.resources.definition_description import JobDefinitionDescription
from batchwright.resources.definition_limits import check_definition
from batchwright.resources.definition_names import default_definition_name
from batchwright.resources.definition_revisions import (
    deregister,
    owned_definitions,
    read_revisions,
    superseded,
    tags_of_successor,
)
from batchwright.resources.definition_rules import DEFINITION_RULES
from batchwright.resources.efs_volume import EfsVolume, Mount
from batchwright.resources.iam_role import IamRole
from batchwright.resources.sizes import check_sizes
from batchwright.resources.stored_secret import StoredSecret
from batchwright.values import Action, OnDrift, RetryPolicy, Secret, aws_name, command_of, mapping, one_of, whole
from batchwright.waiting import States

__all__ = ["JobDefinition", "JobDefinitionDescription", "environment_legal"]
_NOT_CONTENT: Final = frozenset({"session", "name", "tags", "patience"})
INT_MAX: Final = 2**31 - 1


def _secrets(value: Mapping[str, Secret | StoredSecret | str] | None) -> dict[str, Secret | StoredSecret]:
    return {name: Secret(item) if isinstance(item, str) else item for name, item in (value or {}).items()}


def _volumes(value: Mapping[str, EfsVolume | Mount] | None) -> dict[str, EfsVolume | Mount]:
    for path, item in (value or {}).items():
        if not isinstance(item, EfsVolume | Mount):
            raise DeclarationError("job definition", f"volumes[{path!r}]", item, "an EfsVolume, or a Mount of one")
    return dict(value or {})


def _options(value: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if value is None else dict(value)


def _default_name(definition: JobDefinition) -> str:
    return default_definition_name(
        definition.session.namespace,
        image=definition.image,
        memory_gib=definition.memory_gib,
        vcpus=definition.vcpus,
        gpus=definition.gpus,
        volumes=sorted({mount_of(item).volume.name for item in definition.volumes.values()}),
        platform=definition.platform,
        secrets={name: _known_by(secret) for name, secret in definition.secrets.items()},
    )


def _known_by(secret: object) -> str:
    # A name is made before the secrets are checked, whatever they are.
    stored = f"{secret.store} {secret.full_name}" if isinstance(secret, StoredSecret) else ""
    return secret.arn if isinstance(secret, Secret) else stored


@resource(kw_only=True)
class JobDefinition(Resource[JobDefinitionDescription]):
    """A container to run as a job: image, command, sizes, files and rights.

    AWS never changes a definition: `ensure()` registers a new revision when something differs, and none when nothing
    does. Of the revisions that this namespace made, the newest 10 stay ACTIVE; an update deregisters older ones, so
    that reading a definition takes one call. Jobs that were submitted with an old revision run on. Tags alone change
    in place, on the newest revision. `delete()` deregisters every ACTIVE revision.

    Args:
        image: The container image, 1 to 255 characters.
        command: What runs in it, as a list of words; by default the image's own command.
        vcpus: vCPUs: a whole number on EC2; 0.25, 0.5, 1, 2, 4, 8, 16 or 32 on Fargate.
        memory_gib: Memory in GiB, rounded to whole MiB; on Fargate one of the sizes that go with the vCPUs.
        gpus: GPUs, on EC2 only.
        environment: Variables of the container; AWS drops empty ones, so they are refused. Values are never shown.
        secrets: Variables that the container gets from Secrets Manager or Parameter Store: a `StoredSecret`, which
            is made first, `Secret`, or an ARN. The execution role that a session fills in may read just these; behind
            an ARN with a KMS key of your own it needs `kms:Decrypt` too, so name a role.
        volumes: By path in the container, the `EfsVolume` or the `Mount` of one; encrypted in transit.
        platform: `"EC2"` or `"FARGATE"`.
        job_role: The role of the code in the container, an `IamRole` or an ARN.
        execution_role: The role that starts it; Fargate and secrets cannot do without.
        retry: How often it runs again after a failure; once in all by default.
        timeout_s: Seconds that each attempt may take, 60 or more.
        log_options: Options of the `awslogs` driver, such as `{"awslogs-group": "/lab/convert"}`.
        parameters: Defaults for `Ref::name` in the command.
        user: The user in the container.
        ephemeral_storage_gib: Scratch disk on Fargate, 21 to 200 GiB.
        assign_public_ip: On Fargate, whether the task gets a public address. By default it does: the subnets of a
            default VPC have no other way out to the image's registry.
        propagate_tags: Whether tags reach the task.
        name: By default made from namespace, image, sizes and volumes. A copy by `attrs.evolve` keeps its name.
    """

    kind: ClassVar[str] = "job definition"
    states: ClassVar[States] = States(ready=("ACTIVE",), gone=("INACTIVE",))
    drift_rules: ClassVar[DriftRules] = DEFINITION_RULES

    image: str = attrs.field(validator=image_legal)
    command: tuple[str, ...] = attrs.field(default=(), converter=command_of, validator=words_legal)
    vcpus: float = 1
    memory_gib: float = 2
    gpus: int | None = None
    environment: Mapping[str, str] = attrs.field(
        factory=dict[str, str], converter=mapping, validator=environment_legal, hash=False, metadata=redacted()
    )
    secrets: Mapping[str, Secret | StoredSecret] = attrs.field(
        factory=dict[str, "Secret | StoredSecret"], converter=_secrets, validator=secrets_legal, hash=False
    )
    volumes: Mapping[str, EfsVolume | Mount] = attrs.field(
        factory=dict[str, "EfsVolume | Mount"], converter=_volumes, validator=paths_legal, hash=False
    )
    platform: str = attrs.field(default="EC2", validator=one_of("EC2", "FARGATE"))
    job_role: IamRole | str | None = attrs.field(default=None, metadata=from_session("job_role"), validator=role_legal)
    execution_role: IamRole | str | None = attrs.field(
        default=None, metadata=from_session("execution_role"), validator=role_legal
    )
    retry: RetryPolicy | None = attrs.field(default=None, validator=retry_legal)
    timeout_s: int | None = attrs.field(default=None, validator=whole(60, INT_MAX, "seconds"))
    log_options: Mapping[str, str] | None = attrs.field(
        default=None, converter=_options, validator=strings_legal, hash=False, metadata=redacted()
    )
    parameters: Mapping[str, str] = attrs.field(
        factory=dict[str, str], converter=mapping, validator=strings_legal, hash=False
    )
    user: str | None = attrs.field(default=None, validator=user_legal)
    ephemeral_storage_gib: int | None = attrs.field(default=None, validator=whole(21, 200, "GiB"))
    assign_public_ip: bool | None = None
    propagate_tags: bool = False
    name: str = attrs.field(default=attrs.Factory(_default_name, takes_self=True), validator=aws_name)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_definition(self)
        warn_of_credentials(self, self.environment)

    def check_sizes(
        self, *, vcpus: float | None = None, memory_gib: float | None = None, gpus: int | None = None
    ) -> None:
        """Refuse sizes that AWS would not place on this platform.

        Args:
            vcpus: Instead of the definition's own.
            memory_gib: Instead of the definition's own, in GiB.
            gpus: Instead of the definition's own.

        Raises:
            DeclarationError: It names the field, the value and what is legal.
        """
        check_sizes(
            self,
            platform=self.platform,
            vcpus=self.vcpus if vcpus is None else vcpus,
            memory_gib=self.memory_gib if memory_gib is None else memory_gib,
            gpus=self.gpus if gpus is None else gpus,
        )

    def content_hash(self, salt: str) -> str:
        """A hash of what runs: equal for equal declarations in every process, whatever their name, tags and patience.

        What it depends on counts by kind and name, a `Secret` by its ARN. Nothing is asked of AWS.

        Args:
            salt: Anything that guesses at weak values cannot be prepared for, such as the id of a submission.
        """
        fields = [field.name for field in attrs.fields(type(self)) if field.name not in _NOT_CONTENT]
        return salted_hash(salt, {name: _whole(plain(getattr(self, name))) for name in fields})

    # --- the life cycle -------------------------------------------------------------------------------------------

    def converge(self, resolved: Resolved, *, on_drift: OnDrift | None = None) -> Ensured[JobDefinitionDescription]:
        """`ensure()` for this one alone; of equal revisions that were registered at once the first one stays."""
        ensured = super().converge(resolved, on_drift=on_drift)
        if ensured.owned and ensured.action is not Action.UNCHANGED:
            with self.translated():
                deregister(self.session, ensured.description.copies)
        return ensured

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        timeout = {} if self.timeout_s is None else {"timeout": {"attemptDurationSeconds": self.timeout_s}}
        return {
            "jobDefinitionName": self.name,
            "type": "container",
            "platformCapabilities": [self.platform],
            "parameters": dict(self.parameters),
            "propagateTags": self.propagate_tags,
            "retryStrategy": (self.retry or RetryPolicy()).to_request(),
            "containerProperties": container_properties(self, self._ids(resolved)),
            **timeout,
        }

    def _ids(self, resolved: Resolved) -> Ids:
        mounts: list[Mounted] = []
        for path, item in sorted(self.volumes.items()):
            mount = mount_of(item)
            seen = resolved[mount.volume]
            mounts.append(
                Mounted.of(path, mount, file_system_id=seen.file_system_id, access_point_id=seen.access_point_id)
            )
        return Ids(
            job_role_arn=_role_arn(self.job_role, resolved),
            execution_role_arn=_role_arn(self.execution_role, resolved),
            mounts=tuple(mounts),
            secrets={
                name: secret.arn if isinstance(secret, Secret) else resolved[secret].arn
                for name, secret in self.secrets.items()
            },
        )

    def _read(self, resolved: Resolved) -> JobDefinitionDescription | None:
        return read_revisions(self.session, self.name)

    def _create(self, request: Mapping[str, object]) -> None:
        request_fits(self, request)
        self.session.batch.register_job_definition(**cast("Any", request))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: JobDefinitionDescription) -> None:
        request_fits(self, request)
        wanted = cast("Mapping[str, str]", request["tags"])
        tags = tags_of_successor(wanted, seen, owned=self.owned(seen), caller=lambda: self.session.caller)
        deregister(self.session, superseded(seen, self.owned))
        successor = {**request, "tags": tags}
        if not tags:  # AWS refuses an empty mapping
            del successor["tags"]
        self._create(successor)  # last: once it is there, nothing is left to do

    def _check_delete(self, seen: JobDefinitionDescription | None, *, force: bool) -> None:
        others = [each.revision for each in (seen, *seen.older) if not self.owned(each)] if seen else []
        if others and not force:
            raise NotOwnedError(
                f"{self.label} in {self.session.region} has ACTIVE revisions that namespace "
                f"{self.session.namespace!r} did not make: {', '.join(map(str, sorted(others)))}.",
                resource=self,
            )

    def _delete(self, seen: JobDefinitionDescription) -> None:
        # The newest one last: it says whose the definition is, should this end half-way.
        deregister(self.session, reversed((seen, *seen.older)))

    def _tag(self, seen: JobDefinitionDescription, tags: Mapping[str, str]) -> None:
        now = self._successor(seen)
        if missing := {key: value for key, value in tags.items() if now.tags.get(key) != value}:
            for each in (now, *now.copies):
                self.session.batch.tag_resource(resourceArn=each.arn, tags=missing)

    def _untag(self, seen: JobDefinitionDescription, keys: Collection[str]) -> None:
        now = self._successor(seen)
        if left := [key for key in keys if key in now.tags]:
            for each in (now, *now.copies):
                self.session.batch.untag_resource(resourceArn=each.arn, tagKeys=left)

    def _successor(self, seen: JobDefinitionDescription) -> JobDefinitionDescription:
        """The newest revision: an update just before may have registered one, with all its tags."""
        return read_revisions(self.session, self.name) or seen

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[JobDefinitionDescription]:
        """Every definition of the account's region with an ACTIVE revision that the session's namespace made."""
        yield from owned_definitions(session)


def _role_arn(role: IamRole | str | None, resolved: Resolved) -> str | None:
    return resolved[role].arn if isinstance(role, IamRole) else role


def _whole(value: object) -> object:
    """`value` with whole floats as integers, which are equal in a declaration and are not in JSON."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
