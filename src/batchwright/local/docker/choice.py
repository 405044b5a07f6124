"""Which engine runs the jobs of a local AWS, and why."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from batchwright.errors import BatchwrightError

if TYPE_CHECKING:
    from batchwright.local.docker.reach import Reached

ENGINE_VARIABLE = "BATCHWRIGHT_LOCAL_ENGINE"
"""The environment variable that decides where the engine asked for is `auto`."""

ENGINES = ("auto", "docker", "process", "scripted")


class EngineChoiceError(BatchwrightError):
    """There is no such engine, or it cannot be used here."""


@attrs.frozen
class Choice:
    """What was chosen.

    Args:
        engine: `docker`, `process` or `scripted`.
        reason: One sentence that says why.
        reached: The engine of containers, where it is that.
        no_docker: Why it is not `docker`; empty where that was not asked for.
    """

    engine: str
    reason: str
    reached: "Reached | None" = None
    no_docker: str = ""


def _reach() -> "Reached":
    from batchwright.local.docker.reach import UnreachedError, reached_engine

    try:
        return reached_engine()
    except ImportError as error:
        hint = "Install it with: pip install 'batchwright[local]'"
        raise UnreachedError(f"the package {error.name} is not installed", hint) from error


def chosen_engine(
    wanted: str, *, environment: Mapping[str, str] | None = None, reach: "Callable[[], Reached]" = _reach
) -> Choice:
    """Return the engine for what was asked for.

    Args:
        wanted: `auto`, `docker`, `process` or `scripted`.
        environment: May decide what `auto` is; by default this process's.
        reach: Finds an engine of containers.

    Raises:
        EngineChoiceError: There is no such engine, or `docker` was asked for where none answers.
    """
    variables = os.environ if environment is None else environment
    _require_known(wanted, "engine", ENGINES)
    source = "asked for"
    if wanted == "auto" and (named := variables.get(ENGINE_VARIABLE)):
        wanted, source = _require_known(named, ENGINE_VARIABLE, ENGINES[:3]), f"named by {ENGINE_VARIABLE}"
    if wanted in {"auto", "docker"}:
        return _with_docker(is_required=wanted == "docker", reach=reach)
    return Choice(wanted, f"The engine {wanted!r} was {source}.")


def _with_docker(*, is_required: bool, reach: "Callable[[], Reached]") -> Choice:
    from batchwright.local.docker.reach import UnreachedError

    try:
        reached = reach()
    except UnreachedError as unreached:
        if is_required:
            raise EngineChoiceError(f"no Docker engine can be used: {unreached}", hint=unreached.hint) from unreached
        why = f"No Docker engine can be used: {unreached}."
        return Choice("process", f"{why} So jobs run as processes of this machine, without images.", no_docker=why)
    return Choice("docker", f"{reached.title} answers at {reached.base_url}.", reached)


def _require_known(name: str, place: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise EngineChoiceError(f"{place} is {name!r}", hint=f"It is one of: {', '.join(known)}.")
    return name
