"""Tags that a job hands on to its ECS task."""

from batchwright.local.lookup import find_revision
from batchwright.local.state import Definition, Job, Region

_MOST_TAGS_OF_A_TASK = 50


def propagates_tags(job: Job, definition: Definition | None) -> bool:
    """Return whether the submission, or else the definition, says that the task gets the tags."""
    defaults = definition.request if definition else {}
    return bool(job.request.get("propagateTags", defaults.get("propagateTags", False)))


def propagation_refusal(job: Job, region: Region) -> str | None:
    """Return why the task cannot get its tags, None where it can or need not; arrays and children have no part."""
    definition = find_revision(region, job.definition_arn)
    if job.array_size is not None or job.parent_id is not None or not propagates_tags(job, definition):
        return None
    count = len({**(definition.tags if definition else {}), **job.tags})
    if count <= _MOST_TAGS_OF_A_TASK:
        return None
    return f"The job and its job definition have {count} tags together, more than the {_MOST_TAGS_OF_A_TASK} of a task."
