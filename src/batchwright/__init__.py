"""AWS Batch as typed objects: declare what should exist, `ensure()` it, read it with `describe()`, `delete()` it.

Everything public is loaded when it is first used, so that `import batchwright` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from batchwright._clock import Clock as Clock
    from batchwright._clock import SystemClock as SystemClock
    from batchwright._wire import Description as Description
    from batchwright.credentials import CredentialWarning as CredentialWarning
    from batchwright.declaration import resource as resource
    from batchwright.drift import Change as Change
    from batchwright.drift import Drift as Drift
    from batchwright.drift import DriftRules as DriftRules
    from batchwright.drift import Remedy as Remedy
    from batchwright.errors import AccessDeniedError as AccessDeniedError
    from batchwright.errors import AmbiguousNameError as AmbiguousNameError
    from batchwright.errors import AwsError as AwsError
    from batchwright.errors import BatchwrightError as BatchwrightError
    from batchwright.errors import ClockSkewError as ClockSkewError
    from batchwright.errors import ConfigurationError as ConfigurationError
    from batchwright.errors import ConflictError as ConflictError
    from batchwright.errors import DeclarationError as DeclarationError
    from batchwright.errors import InUseError as InUseError
    from batchwright.errors import JobError as JobError
    from batchwright.errors import JobFailedError as JobFailedError
    from batchwright.errors import JobVanishedError as JobVanishedError
    from batchwright.errors import NoCredentialsError as NoCredentialsError
    from batchwright.errors import NoRegionError as NoRegionError
    from batchwright.errors import NotConvergedError as NotConvergedError
    from batchwright.errors import NotFoundError as NotFoundError
    from batchwright.errors import NotOwnedError as NotOwnedError
    from batchwright.errors import ReplacementRequiredError as ReplacementRequiredError
    from batchwright.errors import ResourceFailedError as ResourceFailedError
    from batchwright.errors import RetainedError as RetainedError
    from batchwright.errors import SubmissionUnknownError as SubmissionUnknownError
    from batchwright.errors import ThrottledError as ThrottledError
    from batchwright.errors import UnfinishedJobError as UnfinishedJobError
    from batchwright.errors import UnreachableError as UnreachableError
    from batchwright.errors import WaitTimeoutError as WaitTimeoutError
    from batchwright.factories import bound as bound
    from batchwright.findings import Diagnosis as Diagnosis
    from batchwright.findings import Finding as Finding
    from batchwright.findings import Severity as Severity
    from batchwright.inventory import Inventory as Inventory
    from batchwright.inventory import InventoryItem as InventoryItem
    from batchwright.jobs.acting import JobChild as JobChild
    from batchwright.jobs.acting import Submittable as Submittable
    from batchwright.jobs.description import JobDescription as JobDescription
    from batchwright.jobs.job_list import JobList as JobList
    from batchwright.jobs.listed import ListedJob as ListedJob
    from batchwright.jobs.logs import LogEvent as LogEvent
    from batchwright.jobs.logs import Logs as Logs
    from batchwright.jobs.row_keeping import StaleRowsWarning as StaleRowsWarning
    from batchwright.jobs.transactions import SlowTableWarning as SlowTableWarning
    from batchwright.lifecycle import Resource as Resource
    from batchwright.many_submissions.result import SubmitResult as SubmitResult
    from batchwright.outcome import Ensured as Ensured
    from batchwright.outcome import Resolved as Resolved
    from batchwright.planning.plan import Plan as Plan
    from batchwright.report import Report as Report
    from batchwright.report import Step as Step
    from batchwright.resources.batch_job import BatchJob as BatchJob
    from batchwright.resources.compute_environment import ComputeEnvironment as ComputeEnvironment
    from batchwright.resources.compute_resources import LaunchTemplate as LaunchTemplate
    from batchwright.resources.consumable_resource import ConsumableResource as ConsumableResource
    from batchwright.resources.consumable_resource import (
        ConsumableResourceDescription as ConsumableResourceDescription,
    )
    from batchwright.resources.definition_description import JobDefinitionDescription as JobDefinitionDescription
    from batchwright.resources.efs_access_point import AccessPoint as AccessPoint
    from batchwright.resources.efs_description import EfsVolumeDescription as EfsVolumeDescription
    from batchwright.resources.efs_description import MountTargetDescription as MountTargetDescription
    from batchwright.resources.efs_mount import Mount as Mount
    from batchwright.resources.efs_volume import EfsVolume as EfsVolume
    from batchwright.resources.environment_description import (
        ComputeEnvironmentDescription as ComputeEnvironmentDescription,
    )
    from batchwright.resources.iam_role import IamRole as IamRole
    from batchwright.resources.iam_role import IamRoleDescription as IamRoleDescription
    from batchwright.resources.instance_profile import InstanceProfile as InstanceProfile
    from batchwright.resources.instance_profile import InstanceProfileDescription as InstanceProfileDescription
    from batchwright.resources.job_definition import JobDefinition as JobDefinition
    from batchwright.resources.job_queue import JobQueue as JobQueue
    from batchwright.resources.job_queue import JobQueueDescription as JobQueueDescription
    from batchwright.resources.job_queue import TimeLimitAction as TimeLimitAction
    from batchwright.resources.job_start import StartUnit as StartUnit
    from batchwright.resources.network import DefaultNetwork as DefaultNetwork
    from batchwright.resources.network import NetworkDescription as NetworkDescription
    from batchwright.resources.network import SubnetDescription as SubnetDescription
    from batchwright.resources.scheduling_policy import SchedulingPolicy as SchedulingPolicy
    from batchwright.resources.scheduling_policy import SchedulingPolicyDescription as SchedulingPolicyDescription
    from batchwright.resources.secret_description import StoredSecretDescription as StoredSecretDescription
    from batchwright.resources.security_group import SecurityGroup as SecurityGroup
    from batchwright.resources.security_group import SecurityGroupDescription as SecurityGroupDescription
    from batchwright.resources.state_machine import StateMachine as StateMachine
    from batchwright.resources.state_machine import StateMachineDescription as StateMachineDescription
    from batchwright.resources.status_tracker import StatusTracker as StatusTracker
    from batchwright.resources.status_tracker import StatusTrackerDescription as StatusTrackerDescription
    from batchwright.resources.stored_secret import StoredSecret as StoredSecret
    from batchwright.resources.stored_secret import UnreadSecretWarning as UnreadSecretWarning
    from batchwright.resources.teardown import Teardown as Teardown
    from batchwright.resources.teardown_description import TeardownDescription as TeardownDescription
    from batchwright.resources.tracker_rows import Rows as Rows
    from batchwright.resources.tracker_rows import TrackerRow as TrackerRow
    from batchwright.session import BatchSession as BatchSession
    from batchwright.values import Action as Action
    from batchwright.values import Network as Network
    from batchwright.values import OnDrift as OnDrift
    from batchwright.values import RetryPolicy as RetryPolicy
    from batchwright.values import Secret as Secret
    from batchwright.values import SubmissionPolicy as SubmissionPolicy
    from batchwright.waiting import Patience as Patience
    from batchwright.waiting import Phase as Phase
    from batchwright.waiting import States as States
    from batchwright.watching.timeline import Timeline as Timeline
    from batchwright.watching.timeline import TimelineRow as TimelineRow
    from batchwright.watching.watched import Watched as Watched

_HOME = {
    "_clock": "Clock SystemClock",
    "_wire": "Description",
    "credentials": "CredentialWarning",
    "declaration": "resource",
    "drift": "Change Drift DriftRules Remedy",
    "errors": (
        "AccessDeniedError AmbiguousNameError AwsError BatchwrightError ClockSkewError ConfigurationError "
        "ConflictError DeclarationError InUseError JobError JobFailedError JobVanishedError NoCredentialsError "
        "NoRegionError NotConvergedError NotFoundError NotOwnedError ReplacementRequiredError ResourceFailedError "
        "RetainedError SubmissionUnknownError ThrottledError UnfinishedJobError UnreachableError WaitTimeoutError"
    ),
    "factories": "bound",
    "findings": "Diagnosis Finding Severity",
    "inventory": "Inventory InventoryItem",
    "jobs.acting": "JobChild Submittable",
    "jobs.description": "JobDescription",
    "jobs.job_list": "JobList",
    "jobs.listed": "ListedJob",
    "jobs.logs": "LogEvent Logs",
    "jobs.row_keeping": "StaleRowsWarning",
    "jobs.transactions": "SlowTableWarning",
    "lifecycle": "Resource",
    "many_submissions.result": "SubmitResult",
    "outcome": "Ensured Resolved",
    "planning.plan": "Plan",
    "report": "Report Step",
    "resources.batch_job": "BatchJob",
    "resources.compute_environment": "ComputeEnvironment",
    "resources.compute_resources": "LaunchTemplate",
    "resources.consumable_resource": "ConsumableResource ConsumableResourceDescription",
    "resources.definition_description": "JobDefinitionDescription",
    "resources.efs_access_point": "AccessPoint",
    "resources.efs_description": "EfsVolumeDescription MountTargetDescription",
    "resources.efs_mount": "Mount",
    "resources.efs_volume": "EfsVolume",
    "resources.environment_description": "ComputeEnvironmentDescription",
    "resources.iam_role": "IamRole IamRoleDescription",
    "resources.instance_profile": "InstanceProfile InstanceProfileDescription",
    "resources.job_definition": "JobDefinition",
    "resources.job_queue": "JobQueue JobQueueDescription TimeLimitAction",
    "resources.job_start": "StartUnit",
    "resources.network": "DefaultNetwork NetworkDescription SubnetDescription",
    "resources.scheduling_policy": "SchedulingPolicy SchedulingPolicyDescription",
    "resources.security_group": "SecurityGroup SecurityGroupDescription",
    "resources.state_machine": "StateMachine StateMachineDescription",
    "resources.status_tracker": "StatusTracker StatusTrackerDescription",
    "resources.secret_description": "StoredSecretDescription",
    "resources.stored_secret": "StoredSecret UnreadSecretWarning",
    "resources.teardown": "Teardown",
    "resources.teardown_description": "TeardownDescription",
    "resources.tracker_rows": "Rows TrackerRow",
    "session": "BatchSession",
    "values": "Action Network OnDrift RetryPolicy Secret SubmissionPolicy",
    "waiting": "Patience Phase States",
    "watching.timeline": "Timeline TimelineRow",
    "watching.watched": "Watched",
}
_MODULE_OF = {name: f"batchwright.{module}" for module, names in _HOME.items() for name in names.split()}
__version__ = "0.1.0"
__all__ = ["__version__", *_MODULE_OF]  # pyright: ignore[reportUnsupportedDunderAll]  # one table of names


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'batchwright' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_MODULE_OF]
