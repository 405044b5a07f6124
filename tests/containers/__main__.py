"""Make one of the images and print its name: `python -m tests.containers python`."""

import argparse

import docker

from .images import busybox_image
from .neuroconv import neuroconv_image
from .python import python_image
from .rclone import rclone_image

_IMAGES = {"busybox": busybox_image, "neuroconv": neuroconv_image, "python": python_image, "rclone": rclone_image}


def main() -> None:
    """Make it, where it is missing."""
    parser = argparse.ArgumentParser(prog="tests.containers")
    parser.add_argument("image", choices=sorted(_IMAGES))
    image = parser.parse_args().image
    client = docker.from_env(timeout=600)
    print(_IMAGES[image](client))
    client.close()


if __name__ == "__main__":
    main()
