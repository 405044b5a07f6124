"""What a session has ensured, so that the next submission need not describe everything again."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from batchwright._wire import Description
from batchwright.declaration import Declaration
from batchwright.jobs.description import JobDescription
from batchwright.many import Graph
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob


class Memory:
    """Descriptions by declaration; a declaration that has changed since is not known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trusted: dict[Declaration, tuple[Declaration, Description]] = {}
        self._ensured: dict[Declaration, None] = {}
        self._job_ids: dict[str, str] = {}

    def remember(self, descriptions: Mapping[Declaration, Description]) -> None:
        """Trust these from now on; jobs are not kept, since they come and go."""
        with self._lock:
            for resource, description in descriptions.items():
                if not isinstance(resource, BatchJob):
                    self._trusted[resource] = (resource, description)
                    self._ensured[resource] = None

    def remember_job(self, job: BatchJob, job_id: str) -> None:
        """Trust that this job was submitted, for those that are to wait for it; no more of it is kept than its id."""
        with self._lock:
            self._job_ids[job.submission_id] = job_id

    def known_job_id(self, submission_id: str) -> str:
        """AWS's id of what was submitted here under this id; empty where that has to be asked."""
        with self._lock:
            return self._job_ids.get(submission_id, "")

    def job_ids(self) -> frozenset[str]:
        """AWS's ids of the jobs that were submitted here."""
        with self._lock:
            return frozenset(self._job_ids.values())

    def distrust(self, resources: Iterable[Declaration] | None = None) -> None:
        """Ask AWS about these the next time, or about everything; that they were ensured is remembered."""
        with self._lock:
            if resources is None:
                self._trusted.clear()
                self._job_ids.clear()
            for resource in resources or ():
                self._trusted.pop(resource, None)

    def forget(self, resources: Iterable[Declaration]) -> None:
        """These are gone."""
        with self._lock:
            for resource in resources:
                self._trusted.pop(resource, None)
                self._ensured.pop(resource, None)

    def resources(self) -> tuple[Declaration, ...]:
        """All that was ensured and is not gone, in that order."""
        with self._lock:
            return tuple(self._ensured)

    def known(self, needed: Graph) -> Resolved:
        """What is trusted of these; what stands on something that is not known is not known either."""
        with self._lock:
            found = {resource: self._recall(resource) for resource in needed}
        trusted = {resource: seen for resource, seen in found.items() if seen is not None}
        while shaken := [each for each in trusted if any(other not in trusted for other in needed[each])]:
            for resource in shaken:
                del trusted[resource]
        return Resolved(trusted)

    def _recall(self, resource: Declaration) -> Description | None:
        if isinstance(resource, BatchJob):
            job_id = self._job_ids.get(resource.submission_id)
            return JobDescription(job_id=job_id, name=resource.name) if job_id else None
        then, description = self._trusted.get(resource, (None, None))
        return description if then is not None and same_declaration(then, resource) else None


def same_declaration(one: Declaration, other: Declaration) -> bool:
    """Whether two declarations of one thing say the same; what they depend on is compared by name only."""
    if one is other:
        return True
    return type(one) is type(other) and list(one._field_values()) == list(other._field_values())
