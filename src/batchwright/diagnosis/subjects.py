"""What rules look at: things as AWS names them, so that what nobody has declared here can be looked at too."""

from __future__ import annotations

from typing import Any, Protocol

import attrs

from batchwright.lifecycle import Resource


class Subject(Protocol):
    """Something that rules look at; subjects that are equal are looked at once."""

    @property
    def label(self) -> str:
        """How findings name it."""
        ...


@attrs.frozen
class JobSubject:
    """A job, by AWS's id; rules read it with `batch_facts.job_of`.

    Attributes:
        job_id: AWS's id; empty for a job that was not submitted.
        label: How findings name it.
    """

    job_id: str
    label: str = attrs.field(eq=False)


@attrs.frozen
class DefinitionSubject:
    """One revision of a job definition; rules read it with `batch_facts.definition_of`.

    Attributes:
        name: `name:revision`.
    """

    name: str

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"job definition {self.name!r}"


@attrs.frozen
class QueueSubject:
    """A job queue; rules read it with `batch_facts.queue_of`.

    Attributes:
        name: Its name, which with the session's account and region is its ARN.
    """

    name: str

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"job queue {self.name!r}"


@attrs.frozen
class EnvironmentSubject:
    """A compute environment; rules read it with `batch_facts.environment_of`.

    Attributes:
        name: Its name, which with the session's account and region is its ARN.
    """

    name: str

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"compute environment {self.name!r}"


@attrs.frozen
class VolumeSubject:
    """An EFS file system.

    Attributes:
        file_system_id: `fs-…`; empty for a volume that does not exist.
        label: How findings name it.
        environments: Names of the compute environments whose jobs mount it, as far as that is known.
        access_point_id: `fsap-…` through which it is mounted, or an empty string.
    """

    file_system_id: str
    label: str = attrs.field(eq=False)
    environments: tuple[str, ...] = ()
    access_point_id: str = ""


@attrs.frozen
class ResourceSubject:
    """A resource of another kind, as it is declared.

    Attributes:
        resource: The declaration.
    """

    resource: Resource[Any]

    @property
    def label(self) -> str:
        """How findings name it."""
        return self.resource.label


def name_in(ref: str) -> str:
    """The name in an ARN, and a name as it is."""
    return ref.rpartition("/")[2]
