"""What pip in a container needs to reach the package index that pip reaches here."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from docker.types import Mount

_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_QUIET = {"PIP_BREAK_SYSTEM_PACKAGES": "1", "PIP_NO_CACHE_DIR": "1", "PIP_ROOT_USER_ACTION": "ignore"}
_SETTING = re.compile(r"^(?P<source>[^.]+)\.(?P<name>[\w-]+)=(?P<value>.*)$")


def pip_environment() -> dict[str, str]:
    """Return pip's settings of this machine as variables: its indexes, certificates and proxies."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    settings = [match for line in told.stdout.splitlines() if (match := _SETTING.match(line))]
    settings.sort(key=lambda setting: setting["source"] == ":env:")  # a variable outranks a file
    variables = {_variable(setting["name"]): str(ast.literal_eval(setting["value"])) for setting in settings}
    return {**variables, **{name: os.environ[name] for name in _PROXIES if name in os.environ}, **_QUIET}


def pip_mounts(environment: dict[str, str]) -> list[Mount]:
    """Return mounts, read-only, of all files and directories that those variables name."""
    named = map(Path, re.findall(r"(?:file://|(?<![\w:/]))(/[^\s,]+)", " ".join(environment.values())))
    # The pages of a local index, by custom in `simple`, refer to files beside that directory.
    needed = {str(path.parent if path.name == "simple" else path) for path in named if path.exists()}
    return [Mount(target=path, source=path, type="bind", read_only=True) for path in sorted(needed)]


def _variable(name: str) -> str:
    return "PIP_" + name.upper().replace("-", "_")
