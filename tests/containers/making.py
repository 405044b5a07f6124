"""Make an image once: it is kept under a name that its recipe decides, and one process at a time makes it."""

import fcntl
import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.errors import ImageNotFound
from docker.models.containers import Container
from docker.types import Mount


def made_once(client: docker.DockerClient, name: str, recipe: object, make: Callable[[str], object]) -> str:
    """Return the name of the image that `make(its name)` makes by this recipe, made only where it is missing."""
    tagged = f"batchwright-test/{name}:{hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]}"
    with _alone():
        try:
            client.images.get(tagged)
        except ImageNotFound:
            make(tagged)
    return tagged


@contextmanager
def container_of(
    client: docker.DockerClient, image: str, command: list[str], mounts: Sequence[Mount] = ()
) -> Iterator[Container]:
    """A container of the image in the machine's own network, not yet started, and gone at the end."""
    # As `mounts`: of `volumes` an image that is committed would keep the paths.
    container = client.containers.create(
        image, entrypoint=[], command=command, mounts=list(mounts), network_mode="host"
    )
    try:
        yield container
    finally:
        container.remove(force=True)


def commit(container: Container, name: str, configuration: Mapping[str, object]) -> None:
    """Keep what the container holds as the image of that name."""
    repository, _, tag = name.rpartition(":")
    container.commit(repository=repository, tag=tag, conf=dict(configuration))


def archive_of(files: Iterable[Path]) -> bytes:
    """Return a tar archive of these files at their own paths, links followed."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", dereference=True) as archive:
        for file in files:
            archive.add(file)
    return content.getvalue()


@contextmanager
def _alone() -> Iterator[None]:
    path = Path(tempfile.gettempdir()) / f"batchwright-test-images-{os.getuid()}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
