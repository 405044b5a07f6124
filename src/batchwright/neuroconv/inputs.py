"""What the caller gives, read and checked before AWS is asked for anything."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from batchwright._display import HIDDEN
from batchwright.errors import DeclarationError
from batchwright.neuroconv.containers import MOUNT_PATH, SOURCE_PATH
from batchwright.notices import warn_caller
from batchwright.resources import parameter_store, secrets_manager
from batchwright.resources.stored_secret import SecretValue

FilePath = str | os.PathLike[str]
SPECIFICATION_MAX_BYTES: Final = 20 * 1024
"""What fits into a job definition, which takes 24 KiB, beside all else that is in it."""
_FIRST_PLACE: Final = Path(".rclone", "rclone.conf")
_RCLONES_OWN_PLACE: Final = Path(".config", "rclone", "rclone.conf")


@attrs.frozen
class RcloneConfig:
    """Where the rclone configuration is, and the store that it fits into; its text is read when it is written.

    Attributes:
        path: The file.
        store: SSM's Parameter Store, which is free of charge, or Secrets Manager for more than 4 KiB.
        is_empty: Whether there is nothing in it to keep secret.
    """

    path: Path
    store: str
    is_empty: bool

    @property
    def text(self) -> SecretValue:
        """Gives the text when a secret needs it."""
        return partial(self.path.read_text, encoding="utf-8")


def rclone_config(path: FilePath | None) -> RcloneConfig:
    """The rclone configuration at `path`, by default at `~/.rclone/rclone.conf`.

    Raises:
        FileNotFoundError: There is none.
        DeclarationError: It is no text, or longer than Secrets Manager takes; it repeats nothing of it.
    """
    found = Path(path) if path else Path.home() / _FIRST_PLACE
    if not found.is_file():
        elsewhere = Path.home() / _RCLONES_OWN_PLACE
        hint = f" There is one at {elsewhere}: pass it." if not path and elsewhere.is_file() else ""
        raise FileNotFoundError(
            f"Rclone configuration file not found at: {found}! Please check that `rclone config` successfully created "
            f"the file, and pass rclone_config_file_path=... (`rclone config file` says where it is).{hint}"
        )
    size = len(_text("rclone_config_file_path", found, shown=HIDDEN).encode())
    if size > secrets_manager.MOST_BYTES:
        legal = f"a file of at most {secrets_manager.MOST_BYTES} bytes; leave out the remotes that are not needed"
        raise DeclarationError("transfer", "rclone_config_file_path", str(found), legal)
    store = parameter_store.SERVICE if size <= parameter_store.MOST_BYTES else secrets_manager.SERVICE
    return RcloneConfig(found, store, is_empty=size == 0)


def specification(path: FilePath) -> str:
    """The text of a YAML specification.

    Raises:
        FileNotFoundError: There is none.
        DeclarationError: It is no text, empty, or longer than a job takes.
    """
    found = Path(path)
    if not found.is_file():
        raise FileNotFoundError(f"YAML specification not found at: {found}!")
    text = _text("yaml_specification_file_path", found, shown=str(found))
    if not text.strip():
        raise DeclarationError("conversion", "yaml_specification_file_path", str(found), "a file with a specification")
    if (size := len(json.dumps(text))) > SPECIFICATION_MAX_BYTES:  # as it is sent
        legal = (
            f"at most {SPECIFICATION_MAX_BYTES} bytes as JSON in a job, and it has {size}. Split it into deployments "
            f"of some sessions each, or have rclone copy it to {SOURCE_PATH} too and submit the conversion by "
            "submit_aws_batch_job(commands=['neuroconv', ...])"
        )
        raise DeclarationError("conversion", "yaml_specification_file_path", str(found), legal)
    return text


def _text(field: str, path: Path, *, shown: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = None  # the error itself carries the bytes, and would be the context of ours
    if text is None or "\0" in text:
        raise DeclarationError(str(path), field, shown, "a file of text in UTF-8, without NUL")
    return text


def check_deployed(rclone_command: str) -> None:
    """Refuse a transfer that would leave the conversion nothing.

    Raises:
        ValueError: The command does not say where the conversion looks.
    """
    if SOURCE_PATH not in rclone_command:
        raise ValueError(
            f"The Rclone command does not contain a reference to '{SOURCE_PATH}'. Without utilizing the EFS mount, the "
            "instance is unlikely to have enough local disk space. The subfolder 'source' is also required to "
            "eliminate ambiguity in the transfer process."
        )


def check_transferred(rclone_command: str) -> None:
    """Warn of a transfer that does not go through the volume."""
    if MOUNT_PATH not in rclone_command:
        warn_caller(
            f"The Rclone command does not contain a reference to '{MOUNT_PATH}'. Without utilizing the EFS mount, the "
            "instance is unlikely to have enough local disk space.",
            UserWarning,
        )
