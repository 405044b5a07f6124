"""Every error that batchwright raises.

::

    BatchwrightError
    ├── DeclarationError (also ValueError)      a field that AWS would refuse; raised before any call
    ├── ConfigurationError                      the session cannot talk to AWS
    │   ├── NoRegionError
    │   ├── NoCredentialsError
    │   └── ClockSkewError                      this machine's clock is too far from AWS's
    ├── AwsError                                AWS refused a call, in its own words
    │   ├── AccessDeniedError                   `action` names the IAM action that is missing
    │   ├── ThrottledError                      still throttled after all retries
    │   └── UnreachableError                    no answer from the endpoint
    ├── NotFoundError                           it does not exist
    ├── ConflictError                           what exists contradicts the declaration
    │   ├── AmbiguousNameError                  several things carry the one name
    │   └── UnfinishedJobError                  a job of this name has not ended yet
    ├── NotOwnedError                           batchwright did not make it in this namespace
    ├── RetainedError                           it holds data and is declared `retain=True`
    ├── InUseError                              something else still needs it
    ├── ReplacementRequiredError                AWS cannot change this field in place
    ├── NotConvergedError                       AWS accepted an update and nothing changed
    ├── ResourceFailedError                     AWS says that it has failed
    ├── WaitTimeoutError (also TimeoutError)    it did not get ready in the time allowed
    ├── SubmissionUnknownError                  nobody can say whether the job was accepted
    └── JobError
        ├── JobFailedError                      the job ended FAILED
        └── JobVanishedError                    AWS no longer knows the job

A message says what, in which region, why (AWS's own words) and what to do. The resource is in `resource`, the
error of a lower library in `__cause__`. A pickled error names its resource, and holds no values of variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from batchwright._display import Displayed, View, disarmed
from batchwright._error_view import error_view
from batchwright._travel import rebuilt, travelling

if TYPE_CHECKING:
    from batchwright.findings import Diagnosis


class BatchwrightError(Displayed, Exception):
    """The base of every error of this package.

    Args:
        message: What happened, where, and why.
        resource: The resource that it happened to; printed as a reference.
        hint: What the caller can do about it; added to the message.
    """

    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, resource: object = None, hint: str = "") -> None:
        # A traceback is printed as it is, and names, reasons and logs are others' text.
        self.summary, self.hint = disarmed(message), disarmed(hint or self.default_hint)
        self.resource = resource
        super().__init__(f"{self.summary}\n{self.hint}" if self.hint else self.summary)

    def _view(self) -> View:
        return error_view(self, summary=self.summary, hint=self.hint)

    def __reduce__(self) -> tuple[object, ...]:
        # Exception's own pickling calls the class with `args`, which are not this constructor's arguments.
        state = {name: travelling(value) for name, value in self.__dict__.items()}
        return (rebuilt, (type(self), self.args, state))


class DeclarationError(BatchwrightError, ValueError):
    """A declaration that AWS would refuse; it names the field, the value and what is legal.

    Args:
        owner: What is being declared, for example `"job definition 'convert'"`.
        field: The name of the field.
        value: The value that was given; never the value of a secret.
        legal: What is legal, in words.
    """

    def __init__(self, owner: str, field: str, value: object, legal: str, *, hint: str = "") -> None:
        self.field, self.value, self.legal = field, value, legal
        super().__init__(f"{owner}: {field}={value!r} is not legal: {legal}.", hint=hint)


class ConfigurationError(BatchwrightError):
    """The session lacks something that it needs to talk to AWS."""


class NoRegionError(ConfigurationError):
    """No AWS region is configured anywhere."""

    default_hint = (
        "Pass region='us-east-2' to BatchSession, set AWS_DEFAULT_REGION, or put a region into your AWS profile."
    )


class NoCredentialsError(ConfigurationError):
    """boto3's credential chain found nothing that works."""

    default_hint = (
        "Run `aws configure` or `aws sso login`, set AWS_PROFILE, or pass profile=... to BatchSession. "
        "To try things without an account, use batchwright.local.local_session()."
    )


class ClockSkewError(ConfigurationError):
    """AWS refuses what this machine signs, because its clock says another time than AWS's."""

    default_hint = "Set this machine's clock (AWS allows 5 minutes); then run the same call again: it continues."


class AwsError(BatchwrightError):
    """AWS refused a call.

    Attributes:
        code: AWS's error code, for example `"ClientException"`.
        operation: The operation, for example `"CreateJobQueue"`.
    """

    def __init__(
        self, message: str, *, code: str = "", operation: str = "", resource: object = None, hint: str = ""
    ) -> None:
        self.code, self.operation = code, operation
        super().__init__(message, resource=resource, hint=hint)


class AccessDeniedError(AwsError):
    """The caller's identity may not do this; `action` is the IAM action to ask for."""

    def __init__(
        self, message: str, *, action: str, code: str = "", operation: str = "", resource: object = None
    ) -> None:
        self.action = action
        hint = f"Ask for the IAM action {action} (docs: how-to, 'Permissions'), or use another profile."
        super().__init__(message, code=code, operation=operation, resource=resource, hint=hint)


class ThrottledError(AwsError):
    """AWS was still throttling after every retry."""

    default_hint = "Run the same call again in a little while: it continues where it stopped."


class UnreachableError(AwsError):
    """No answer came from the endpoint."""

    default_hint = "Check the network, the region and endpoint_url; then run the same call again: it continues."


class NotFoundError(BatchwrightError):
    """AWS knows nothing of this name."""

    default_hint = "Call ensure() to make it."


class ConflictError(BatchwrightError):
    """What exists contradicts what is declared."""


class AmbiguousNameError(ConflictError):
    """Several things in the account carry the one name."""


class UnfinishedJobError(ConflictError):
    """A job of this name is still on its way in the queue."""

    default_hint = "Wait for it, terminate it, or give this one another name."


class NotOwnedError(BatchwrightError):
    """It was not made by batchwright in this namespace, so it is not ours to delete."""

    default_hint = "Delete it where it was made, or pass force=True if you are sure."


class RetainedError(BatchwrightError):
    """It holds data, and its declaration says `retain=True`."""

    default_hint = "To delete the data too: attrs.evolve(resource, retain=False).delete()."


class InUseError(BatchwrightError):
    """Something that has not ended still needs it.

    Attributes:
        users: The names of all that need it; empty where they are too many to tell.
    """

    def __init__(self, message: str, *, users: tuple[str, ...] = (), resource: object = None, hint: str = "") -> None:
        self.users = users
        super().__init__(message, resource=resource, hint=hint)


class _DriftError(BatchwrightError):
    """An error that carries differences."""

    def __init__(self, message: str, *, drift: object = None, resource: object = None, hint: str = "") -> None:
        self.drift = drift
        super().__init__(message, resource=resource, hint=hint)


class ReplacementRequiredError(_DriftError):
    """AWS cannot change these fields in place, and batchwright never replaces silently.

    Attributes:
        drift: The differences that need a replacement.
    """


class NotConvergedError(_DriftError):
    """AWS accepted an update, settled, and still reports the same difference.

    Attributes:
        drift: The difference that is left.
    """


class _DescribedError(BatchwrightError):
    """An error that carries what AWS last reported, and a diagnosis where one was made."""

    def __init__(
        self,
        message: str,
        *,
        description: object = None,
        diagnosis: Diagnosis | None = None,
        resource: object = None,
        hint: str = "",
    ) -> None:
        self.description, self.diagnosis = description, diagnosis
        super().__init__(message, resource=resource, hint=hint)


class ResourceFailedError(_DescribedError):
    """AWS reports a failed state.

    Attributes:
        description: What AWS reports.
    """


class WaitTimeoutError(_DescribedError, TimeoutError):
    """The time allowed went by; nothing is lost, and the same call continues.

    Attributes:
        description: What AWS last reported, if anything.
        diagnosis: Why, as far as AWS told in some seconds; None where that was not asked.
    """


class SubmissionUnknownError(BatchwrightError):
    """Nobody can say whether AWS accepted the job, or its acceptance could not be written down: it is not sent again.

    Attributes:
        submission_id: The submission that is in doubt.
    """

    def __init__(self, message: str, *, submission_id: str = "", resource: object = None, hint: str = "") -> None:
        self.submission_id = submission_id
        super().__init__(message, resource=resource, hint=hint)


class JobError(_DescribedError):
    """Something about one job.

    Attributes:
        description: The `JobDescription`, if there is one.
    """


class JobFailedError(JobError):
    """The job ended FAILED.

    Attributes:
        exit_code: The container's exit code, or None when it never started.
        last_lines: The last lines of its log.
        diagnosis: Why, by what the description and these lines say.
    """

    def __init__(
        self,
        message: str,
        *,
        exit_code: int | None = None,
        last_lines: tuple[str, ...] = (),
        description: object = None,
        diagnosis: Diagnosis | None = None,
        resource: object = None,
        hint: str = "",
    ) -> None:
        self.exit_code, self.last_lines = exit_code, last_lines
        super().__init__(message, description=description, diagnosis=diagnosis, resource=resource, hint=hint)


class JobVanishedError(JobError):
    """AWS no longer knows the job, and its row does not say how it ended."""
