"""An image with NeuroConv that does what NeuroConv's image of it does, made from PyPI."""

from pathlib import Path

import docker

from .python import pip_image, python_image

_REQUIREMENTS = Path(__file__).with_suffix(".txt")
# As in dockerfiles/neuroconv_latest_yaml_variable of NeuroConv.
_COMMAND = (
    'printf "$NEUROCONV_YAML" > ./run.yml && neuroconv run.yml --data-folder-path "$NEUROCONV_DATA_PATH" '
    '--output-folder-path "$NEUROCONV_OUTPUT_PATH" --overwrite'
)


def neuroconv_image(client: docker.DockerClient) -> str:
    """Return the name of an image with the command `neuroconv`, made where it is missing."""
    configuration = {"Cmd": ["/bin/sh", "-c", _COMMAND], "WorkingDir": "/root"}
    lines = _REQUIREMENTS.read_text("utf-8").splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    return pip_image(client, "neuroconv", python_image(client), pinned, configuration)
