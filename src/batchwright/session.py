"""The session that users hold: clients, one factory per kind, and verbs over many resources."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from batchwright.bound import bound
from batchwright.connection import Connection
from batchwright.resources.scheduling_policy import SchedulingPolicy


class BatchSession(Connection):
    """One namespace in one region of one account.

    Args:
        namespace: Whose things these are, 1 to 32 letters, digits, `-` or `_`; default names carry it.
        region: The AWS region; by default boto3's own configuration.
        profile: A profile of the AWS configuration.
        boto3_session: A live boto3 session to use instead; such a session cannot be pickled.
        endpoint_url: Where AWS is, if not at its usual address.
        tags: Tags for everything that this session makes.
        submission: The three times of the submission protocol.
        clock: Time; tests hand in another.
    """

    scheduling_policy = bound(SchedulingPolicy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
