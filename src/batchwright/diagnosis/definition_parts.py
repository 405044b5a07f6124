"""What a job definition says of the containers that it starts, whichever way it says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from batchwright.diagnosis.batch_facts import definition_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.subjects import DefinitionSubject


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
    containers: tuple[Mapping[str, Any], ...]

    @property
    def secrets(self) -> dict[str, str]:
        """The ARN or name of what each variable's value is taken from."""
        given = (each for container in self.containers for each in container.get("secrets") or ())
        return {str(each["name"]): str(each["valueFrom"]) for each in given}

    @property
    def log_options(self) -> tuple[Mapping[str, str], ...]:
        """The options of each container that writes to CloudWatch Logs, as it does where nothing else is said."""
        configured = (container.get("logConfiguration") or {"logDriver": "awslogs"} for container in self.containers)
        return tuple(each.get("options") or {} for each in configured if each.get("logDriver") == "awslogs")

    @property
    def images_of_ecr(self) -> tuple[str, ...]:
        """The images that lie in private repositories of ECR."""
        images = (str(container.get("image", "")) for container in self.containers)
        return tuple(image for image in images if ".dkr.ecr." in image.partition("/")[0])


def tasks_of(facts: Facts, subject: DefinitionSubject) -> Iterator[Task]:
    """The tasks of a revision of a job definition; none where it is gone."""
    definition = definition_of(facts, subject.name) or {}
    parts = [part for part in (definition.get("containerProperties"),) if part]
    parts += (definition.get("ecsProperties") or {}).get("taskProperties") or ()
    for part in parts:
        task_role = part.get("taskRoleArn") or part.get("jobRoleArn")
        yield Task(
            arn=str(definition.get("jobDefinitionArn", "")),
            is_fargate=definition.get("platformCapabilities") == ["FARGATE"],
            execution_role=str(part.get("executionRoleArn") or ""),
            job_role=str(task_role or ""),
            containers=tuple(part.get("containers") or (part,)),
        )
