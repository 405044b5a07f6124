"""A session on an AWS that runs on this machine."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from batchwright.local.delays import Delays
from batchwright.local.faults import Fault
from batchwright.local.local_server import LocalServer

if TYPE_CHECKING:
    from batchwright._clock import Clock
    from batchwright.session import BatchSession
    from batchwright.values import SubmissionPolicy


class SessionOptions(TypedDict, total=False):
    """What `BatchSession` takes besides the connection."""

    tags: Mapping[str, str]
    submission: "SubmissionPolicy"
    clock: "Clock"


def local_session(
    namespace: str = "local",
    *,
    region: str = "us-east-2",
    engine: str = "auto",
    delays: Delays | None = None,
    data_dir: str | Path | None = None,
    faults: Iterable[Fault] = (),
    **options: Unpack[SessionOptions],
) -> "BatchSession":
    """Return a session that needs no account: its jobs run on this machine, and end with it.

    Args:
        namespace: As for `BatchSession`.
        region: The region that the local AWS plays.
        engine: What runs the jobs: `docker`, containers of their images; `process`, processes of this machine, without
            images; or `auto`, which is `docker` where such an engine can be used and else `process`, unless the
            environment variable `BATCHWRIGHT_LOCAL_ENGINE` names one. The session's repr tells which it is, and why.
        delays: How long AWS's changes take; by default tenths of seconds.
        data_dir: The directory to keep the contents of EFS volumes in; by default a temporary one, removed at the end.
        faults: What goes wrong on the way to it, in this order.
        options: As for `BatchSession`.

    Raises:
        LocalServerError: The local AWS could not be started, or the engine that was asked for cannot be used.
    """
    from batchwright.session import BatchSession

    server = LocalServer(engine=engine, delays=delays, region=region, data_dir=data_dir, faults=faults).start()
    try:
        session = BatchSession(namespace, region=region, boto3_session=server.boto3_session(), **options)
    except BaseException:
        server.close()
        raise
    session.place = f"on this machine, engine {server.engine!r}: {server.engine_reason}"
    session.on_close(server.close)
    return session
