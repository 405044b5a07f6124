"""What a tear-down refuses before any call: what it could not take away, or must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from batchwright.resources.iam_policies import own_path
from batchwright.resources.stored_secret import StoredSecret
from batchwright.values import refuse

if TYPE_CHECKING:
    from batchwright.errors import DeclarationError
    from batchwright.resources.teardown import Teardown

JOBS_MAX: Final = 500
"""Their names go with the execution's input, which AWS takes up to 256 KiB."""


def check_teardown(teardown: Teardown) -> None:
    """Refuse jobs that cannot be looked for, and what is not made to be taken away.

    Raises:
        DeclarationError: It names the field.
    """
    if teardown.tags:
        raise refuse(teardown, "tags", f"{len(teardown.tags)} tags", "empty: an execution carries no tags")
    if teardown.volume is None and not teardown.secrets:
        raise refuse(teardown, "volume", None, "a volume, where there are no secrets: there is nothing to take away")
    _check_jobs(teardown)
    _check_volume(teardown)
    for secret in teardown.secrets:
        _check_secret(teardown, secret)
    for other in (*teardown.after, *teardown.secrets, *((teardown.volume,) if teardown.volume else ())):
        if other.session != teardown.session:
            raise refuse(teardown, "session", other.reference(), "the session of everything that it waits for or takes")


def _check_jobs(teardown: Teardown) -> None:
    if not 1 <= len(teardown.after) <= JOBS_MAX:
        raise refuse(teardown, "after", f"{len(teardown.after)} jobs", f"1 to {JOBS_MAX} jobs")
    for job in teardown.after:
        if job.tracker is None:
            legal = "jobs with a tracker: their rows tell which jobs they became, whoever submits them"
            raise refuse(teardown, "after", job.reference(), legal)


def _check_volume(teardown: Teardown) -> None:
    volume = teardown.volume
    if volume is not None and volume.teardown != teardown.name:
        legal = f"declared as temporary: session.efs_volume(..., retain=False, teardown={teardown.name!r})"
        raise refuse(teardown, "volume", volume.reference(), legal)


def _check_secret(teardown: Teardown, secret: StoredSecret) -> None:
    if secret.value is None:
        raise _not_ours(teardown, secret, "secrets with a value: one that is only referred to is not ours to delete")
    if not secret.full_name.startswith(path := own_path(teardown.session)):
        raise _not_ours(teardown, secret, f"secrets below the namespace's own path {path}, where its role's rights end")


def _not_ours(teardown: Teardown, secret: StoredSecret, legal: str) -> DeclarationError:
    return refuse(teardown, "secrets", secret.reference(), legal)
