"""Why a container did not start or ended as it did, in the words of ECS's container agent.

See "Stopped tasks error codes" and "Amazon ECS OutOfMemoryError" in the Amazon ECS developer guide.
"""

import re
from collections.abc import Sequence

from batchwright.local.docker.api import Ending, EngineGoneError, EngineRefusedError
from batchwright.local.engines import Outcome

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
KILLED = 137
"""The exit code of what SIGKILL ended."""

_FORMAT_ERROR = "exec format error"
_REFUSED_BY_KERNEL = re.compile(rf"(exec \S+|standard_init_linux\.go:\d+: exec user process caused): {_FORMAT_ERROR}")
_NAMES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


def architecture(name: str) -> str:
    """Return Docker's name of a processor architecture that may be the kernel's name."""
    return _NAMES.get(name, name)


def daemon_says(error: EngineRefusedError) -> str:
    """Return an engine's refusal as Docker's own clients word it."""
    return f"Error response from daemon: {error}"


def not_created(error: EngineRefusedError) -> Outcome:
    """The container could not be made."""
    return Outcome(exit_code=None, reason=f"CannotCreateContainerError: {daemon_says(error)}")


def not_started(error: EngineRefusedError, ending: Ending, *, foreign: str | None) -> Outcome:
    """The container was made and could not be started.

    Args:
        error: What the engine said.
        ending: What it noted in the container: 127 for a program that is not there, 126 for one that is none.
        foreign: What to say of an image for another architecture; None where it is for this machine's.
    """
    reason = f"CannotStartContainerError: {daemon_says(error)}"
    if foreign and _FORMAT_ERROR in reason:
        reason = f"{reason} ({foreign})"
    return Outcome(exit_code=ending.exit_code or None, reason=reason)


def not_inspected(error: EngineRefusedError) -> Outcome:
    """The engine cannot tell how the container ended, such as one that somebody else has removed."""
    return Outcome(exit_code=None, reason=f"CannotInspectContainerError: {daemon_says(error)}")


def format_refusal(foreign: str | None, exit_code: int, last_lines: Sequence[str]) -> str | None:
    """Return why a container ended at once whose program the kernel refused, as Docker wrote it into its output."""
    if exit_code == 0 or not any(_REFUSED_BY_KERNEL.match(line) for line in last_lines):
        return None
    why = foreign or "the program is for another architecture than this machine's, or a script without #! in front"
    return f"CannotStartContainerError: {_FORMAT_ERROR}: {why}"


def foreign_image(image: str, its_architecture: str, ours: str) -> str | None:
    """Return the sentence about an image for another architecture; None where it is for ours."""
    if not its_architecture or architecture(its_architecture) == architecture(ours):
        return None
    return (
        f"the image {image} is for {architecture(its_architecture)} and this machine is {architecture(ours)}: use an "
        f"image for {architecture(ours)}, or let this machine emulate the other with binfmt and qemu-user-static"
    )


def engine_gone(where: str, error: EngineGoneError, *, was_running: bool) -> Outcome:
    """The engine went away, or was not there."""
    when = "went away while the job's container ran" if was_running else "does not answer"
    return Outcome(exit_code=None, reason=f"DockerTimeoutError: the engine at {where} {when}: {error}")
