"""An image with NeuroConv that does what NeuroConv's image of it does, made from PyPI."""

import docker

from .python import pip_image, python_image

_REQUIREMENTS = ["neuroconv[dandi,edf]==0.10.2"]
# As in dockerfiles/neuroconv_latest_yaml_variable of NeuroConv.
_COMMAND = (
    'printf "$NEUROCONV_YAML" > ./run.yml && neuroconv run.yml --data-folder-path "$NEUROCONV_DATA_PATH" '
    '--output-folder-path "$NEUROCONV_OUTPUT_PATH" --overwrite'
)


def neuroconv_image(client: docker.DockerClient) -> str:
    """Return the name of an image with the command `neuroconv`, made where it is missing."""
    configuration = {"Cmd": ["/bin/sh", "-c", _COMMAND], "WorkingDir": "/root"}
    return pip_image(client, "neuroconv", python_image(client), _REQUIREMENTS, configuration)
