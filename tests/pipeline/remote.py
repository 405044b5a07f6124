"""A remote for rclone, served on the loopback by rclone itself, with a password."""

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..containers.rclone import rclone_program

# A format for printf: a user's name that shows who takes the configuration for one.
_USER = "lab%s"


@dataclass(frozen=True)
class Remote:
    """Where rclone finds it.

    Attributes:
        name: As it is called in the configuration.
        password: In plain text.
        obscured: As the configuration has it, which anybody can turn back.
        configuration: The text of an rclone.conf.
    """

    name: str
    password: str = field(repr=False)
    obscured: str = field(repr=False)
    configuration: str = field(repr=False)


@contextmanager
def served(directory: Path) -> Iterator[Remote]:
    """A directory as a WebDAV remote, to be read only, until the end."""
    password = secrets.token_urlsafe(24)
    command = [str(rclone_program()), "serve", "webdav", str(directory), "--read-only", "--addr", "127.0.0.1:0"]
    environment = {"RCLONE_USER": _USER, "RCLONE_PASS": password, "RCLONE_CONFIG": "/dev/null", "HOME": "/nonexistent"}
    with subprocess.Popen([*command, "-v"], env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = iter(server.stderr.readline, "")
            url = next(match[0] for line in said if (match := re.search(r"http://127\.0\.0\.1:\d+/", line)))
            yield _remote(url, password)
        finally:
            server.kill()


def _remote(url: str, password: str) -> Remote:
    told = subprocess.run(
        [rclone_program(), "obscure", "-"], input=password, capture_output=True, text=True, check=True
    )
    obscured = told.stdout.strip()
    options = {"type": "webdav", "url": url, "vendor": "other", "user": _USER, "pass": obscured}
    lines = ["[lab]", *(f"{name} = {value}" for name, value in options.items())]
    return Remote(name="lab", password=password, obscured=obscured, configuration="\n".join(lines) + "\n")
