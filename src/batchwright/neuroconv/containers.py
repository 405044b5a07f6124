"""What runs in the two containers of a deployment: images, commands and variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RCLONE_IMAGE: Final = "ghcr.io/catalystneuro/rclone_with_config:latest"
NEUROCONV_IMAGE: Final = "ghcr.io/catalystneuro/neuroconv_yaml_variable:latest"
MOUNT_PATH: Final = "/mnt/efs"
SOURCE_PATH: Final = f"{MOUNT_PATH}/source"
OUTPUT_PATH: Final = MOUNT_PATH
CONFIG_VARIABLE: Final = "RCLONE_CONFIG"

# The images' own commands give the text to `printf` as its format, which spoils every "%" and "\" in it. And rclone
# itself takes RCLONE_CONFIG for the path of its configuration, so that is what it becomes before rclone starts.
_ASIDE: Final = 'dir=$(mktemp -d) && cd "$dir" && trap \'rm -rf "$dir"\' EXIT'
_TRANSFER: Final = (
    f"{_ASIDE} && printf '%s' \"${{{CONFIG_VARIABLE}-}}\" > rclone.conf"
    f' && export {CONFIG_VARIABLE}="$dir/rclone.conf" && eval "$RCLONE_COMMAND"'
)
_CONVERSION: Final = (
    f"{_ASIDE} && printf '%s' \"$NEUROCONV_YAML\" > run.yml"
    ' && neuroconv run.yml --data-folder-path "$NEUROCONV_DATA_PATH"'
    ' --output-folder-path "$NEUROCONV_OUTPUT_PATH" --overwrite'
)
TRANSFER_COMMAND: Final = ("sh", "-c", _TRANSFER)
CONVERSION_COMMAND: Final = ("sh", "-c", _CONVERSION)


def transfer_environment(rclone_command: str) -> Mapping[str, str]:
    """The transfer's variables; the configuration is not among them."""
    return {"RCLONE_COMMAND": rclone_command}


def conversion_environment(specification: str) -> Mapping[str, str]:
    """The conversion's variables."""
    return {
        "NEUROCONV_YAML": specification,
        "NEUROCONV_DATA_PATH": SOURCE_PATH,
        "NEUROCONV_OUTPUT_PATH": OUTPUT_PATH,
    }
