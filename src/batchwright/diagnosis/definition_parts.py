"""What a job definition says of the containers that it starts, whichever way it says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import attrs

from batchwright.diagnosis.batch_facts import definition_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.subjects import DefinitionSubject

Part = Mapping[str, Any]
"""Something in a definition, as AWS describes it."""


@attrs.frozen(kw_only=True)
class Task:
    """The containers that start together, with the roles that they start and run with.

    Attributes:
        arn: The definition's ARN.
        is_fargate: Whether they run on Fargate only.
        execution_role: What ECS starts them with; empty for none.
        job_role: What they run with; empty for none.
        containers: As AWS describes them.
    """

    arn: str
    is_fargate: bool
    execution_role: str
    job_role: str
    containers: tuple[Part, ...]

    @property
    def secrets(self) -> dict[str, str]:
        """The ARN or name of what each variable's value is taken from."""
        given = (each for container in self.containers for each in container.get("secrets") or ())
        return {str(each["name"]): str(each["valueFrom"]) for each in given}

    @property
    def log_options(self) -> tuple[Part, ...]:
        """The options of each container that writes to CloudWatch Logs, as it does where nothing else is said."""
        default: Part = {"logDriver": "awslogs"}
        configured = [cast("Part", container.get("logConfiguration") or default) for container in self.containers]
        return tuple(cast("Part", each.get("options") or {}) for each in configured if each["logDriver"] == "awslogs")

    @property
    def images_of_ecr(self) -> tuple[str, ...]:
        """The images that lie in private repositories of ECR."""
        images = (str(container.get("image", "")) for container in self.containers)
        return tuple(image for image in images if ".dkr.ecr." in image.partition("/")[0])


def tasks_of(facts: Facts, subject: DefinitionSubject) -> Iterator[Task]:
    """The tasks of a revision of a job definition; none where it is gone."""
    definition = definition_of(facts, subject.name)
    if definition is None:
        return
    ecs = cast("Part", definition.get("ecsProperties") or {})
    parts = cast("list[Part]", [definition.get("containerProperties"), *(ecs.get("taskProperties") or ())])
    for part in filter(None, parts):
        yield Task(
            arn=str(definition["jobDefinitionArn"]),
            is_fargate=definition.get("platformCapabilities") == ["FARGATE"],
            execution_role=str(part.get("executionRoleArn") or ""),
            job_role=str(part.get("taskRoleArn") or part.get("jobRoleArn") or ""),
            containers=tuple(cast("list[Part]", part.get("containers") or [part])),
        )
