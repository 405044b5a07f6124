"""One object of every kind that is shown, from an account with a job that ended well, one that failed and an array."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from batchwright import (
    BatchJob,
    BatchSession,
    JobDefinition,
    JobFailedError,
    JobQueue,
    Mount,
    Network,
    RetryPolicy,
    Secret,
    SubmissionPolicy,
)
from batchwright import errors as every_error
from batchwright.drift import Change, Drift
from batchwright.lifecycle import Resource
from batchwright.local import LocalServer
from batchwright.neuroconv.deployment import Deployment, Whereabouts
from batchwright.resources.compute_resources import LaunchTemplate
from batchwright.resources.consumable_resource import client_knows
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.job_queue import TimeLimitAction
from batchwright.testing import evolved

SECRET = "hunter2-shall-not-show"
INFO = {"jobId": "0a1b", "jobName": "transfer", "jobArn": "arn:aws:batch:us-east-2:111122223333:job/0a1b"}
ROW = {"id": "lab/transfer", "job_id": "0a1b", "job_name": "transfer", "submitted_on": "", "status": ""}


def everything(session: BatchSession) -> dict[str, object]:
    """Each object by a name that says where it comes from.

    Args:
        session: On an account where the job `"failing"` fails.
    """
    found: dict[str, object] = {}
    for make in (_resources, _jobs, _results, _errors):
        found.update(make(session))
    for name, value in enumerate(_values()):
        found[f"value {name}"] = value
    return {**found, "session": session}


def _resources(session: BatchSession) -> Iterator[tuple[str, object]]:
    queue = session.job_queue(name="lab", tags={"project": "a"})
    volume = session.efs_volume(name="scratch", access_point=AccessPoint(path="/one"))
    key = session.stored_secret(name="key", value=SECRET)
    run = {"ContainerOverrides": {"Environment": [{"Name": "PASSWORD", "Value": SECRET}]}}
    steps = {"StartAt": "Run", "States": {"Run": {"Type": "Pass", "Parameters": run, "End": True}}}
    acting = session.iam_role(name="acting", trusted_service="states.amazonaws.com", inline_policies={})
    made: list[Resource[Any]] = [
        queue,
        session.scheduling_policy(name="fair"),
        session.job_definition(
            name="convert",
            image="busybox",
            environment={"LEVEL": SECRET},
            secrets={"KEY": key},
            volumes={"/mnt/efs": Mount(volume)},
            log_options={"awslogs-datetime-format": SECRET},
        ),
        session.state_machine(name="steps", definition=steps, role=acting),
    ]
    if client_knows():
        made.append(session.consumable_resource(name="units", total_quantity=1))
    report = session.ensure(*made)
    yield "report", report
    for resource, ensured in report.items():
        yield resource.kind + " " + resource.name, resource
        yield "ensured " + resource.kind + " " + resource.name, ensured
        yield "description of " + resource.kind + " " + resource.name, ensured.description
    changed = evolved(queue, priority=8, tags={})
    yield "drift", changed.drift()
    yield "plan", session.plan(changed, session.efs_volume(name="results"))
    yield "step", session.plan(changed)[changed]
    yield "inventory", session.inventory()
    yield "item", session.inventory()[0]


def _plain(session: BatchSession) -> tuple[JobDefinition, JobQueue]:
    """What jobs need."""
    return session.job_definition(name="plain", image="busybox"), session.job_queue(name="lab", tags={"project": "a"})


def _jobs(session: BatchSession) -> Iterator[tuple[str, object]]:
    definition, queue = _plain(session)
    names = ("unread", "good", "failing", "array")
    unread, good, failing, array = (
        session.batch_job(
            name=name,
            definition=definition,
            queue=queue,
            environment={"LEVEL": SECRET},
            array_size=2 if name == "array" else None,
        )
        for name in names
    )
    yield "job unread", unread
    for job in (good, failing, array):
        job.ensure()
        yield f"job {job.name}", job
        yield f"description of job {job.name}", job.wait(check=False)
    try:
        failing.wait()
    except JobFailedError as error:
        yield "failed", error
    yield "child unread", array.children()[0]
    yield "child", _read(array)
    yield "logs", good.logs()
    yield "event", failing.logs()[0]
    yield "result", next(iter(session.submit_many([good])))
    yield "refused", next(iter(session.submit_many([attrs.evolve(good, command=("true",))])))


def _read(array: BatchJob) -> object:
    child = array.children()[1]
    child.describe()
    return child


def _results(session: BatchSession) -> Iterator[tuple[str, object]]:
    definition, queue = _plain(session)
    jobs = session.jobs(queue=queue)
    waiting = session.batch_job(name="waiting", definition=definition, queue=queue)
    yield "job list", jobs
    yield "listed", jobs[0]
    yield "timeline", session.timeline(jobs)
    yield "watched", session.watch(jobs)
    waiting.ensure()
    found = session.diagnose(jobs)
    yield "diagnosis", found
    yield "finding", found[0]
    rows = session.defaults.tracker.rows()
    yield "rows", rows
    yield "row", rows[0]


def _errors(session: BatchSession) -> Iterator[tuple[str, object]]:
    queue = session.job_queue(name="lab")
    drift = Drift((Change("environment.LEVEL", SECRET, SECRET + "!", secret=True),))
    given: dict[str, dict[str, object]] = {
        "AccessDeniedError": {"action": "batch:SubmitJob"},
        "ReplacementRequiredError": {"drift": drift, "resource": queue},
        "WaitTimeoutError": {"description": queue.describe(), "resource": queue},
        "JobVanishedError": {"description": None},
        "InUseError": {"users": ("sub-01", "sub-02")},
    }
    for name, options in given.items():
        yield name, getattr(every_error, name)("It did not go well.", **options)
    yield "DeclarationError", every_error.DeclarationError("job 'a'", "vcpus", 0, "a number of 1 or more")


def _values() -> Iterator[object]:
    yield Network(vpc_id="vpc-1", subnet_ids="subnet-1")
    yield RetryPolicy.for_spot()
    yield Secret("arn:aws:ssm:us-east-2:111122223333:parameter/key")
    yield SubmissionPolicy()
    yield LaunchTemplate(template_id="lt-1")
    yield AccessPoint(path="/one")
    yield TimeLimitAction("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")
    yield LocalServer(engine="process")
    whereabouts = Whereabouts(
        region="us-east-2", table_name="t", queue_name="q", environment_name="e", volume_name="v", teardown_name=None
    )
    info = {"job_submission_info": INFO, "table_submission_info": ROW}
    yield Deployment(info, info, whereabouts)  # type: ignore[arg-type]  # the keys are TypedDicts'
