"""What a job definition refuses before any call, its names, and the hash of its content."""

import datetime as dt
import os
import re
import subprocess
import sys
from typing import Any, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright import BatchSession
from batchwright.errors import DeclarationError
from batchwright.resources.definition_names import default_definition_name, legal_name, seed_definition_name
from batchwright.resources.efs_volume import EfsVolume, Mount
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.values import NAME_PATTERN, RetryPolicy, Secret
from batchwright.waiting import Patience

IMAGE = "ghcr.io/lab/convert:2.1"
ROLE = "arn:aws:iam::123456789012:role/starter"
SECRET = "arn:aws:ssm:us-east-2:123456789012:parameter/token"
FARGATE: dict[str, Any] = {"platform": "FARGATE", "execution_role": ROLE}
SESSION = BatchSession("test", region="us-east-2")  # makes no client until one is used


def declare(**fields: object) -> JobDefinition:
    """A definition with these fields; nothing is asked of AWS."""
    return JobDefinition(SESSION, **cast("Any", {"image": IMAGE, **fields}))


def volume() -> EfsVolume:
    """A volume; nothing is asked of AWS."""
    network = DefaultNetwork(SESSION)
    group = SecurityGroup(SESSION, name="lab", network=network)
    return EfsVolume(SESSION, name="scratch", network=network, security_groups=group)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image": ""}, r"image='' is not legal: 1 to 255 characters"),
        ({"image": "a" * 256}, r"image='a+' is not legal: 1 to 255 characters"),
        ({"command": "convert --all"}, r"command='convert --all' is not legal: a list of words.*shlex"),
        ({"command": ["convert", 1]}, r"command=1 is not legal: strings only"),
        ({"vcpus": 0}, r"vcpus=0 is not legal: a whole number of 1 or more on EC2"),
        ({"vcpus": 1.5}, r"vcpus=1.5 is not legal: a whole number of 1 or more on EC2"),
        ({"vcpus": "4"}, r"vcpus='4' is not legal: a number"),
        ({"memory_gib": 0.003}, r"memory_gib=0.003 is not legal: at least 4 MiB"),
        ({"memory_gib": float("nan")}, r"memory_gib=nan is not legal: a number"),
        ({"gpus": 0}, r"gpus=0 is not legal: a whole number of 1 or more"),
        ({**FARGATE, "gpus": 1}, r"gpus=1 is not legal: None on Fargate"),
        ({**FARGATE, "vcpus": 3}, r"vcpus=3 is not legal: 0.25, 0.5, 1, 2, 4, 8, 16 or 32 on Fargate"),
        ({**FARGATE, "memory_gib": 9}, r"memory_gib=9 is not legal: 2 to 8 GiB in steps of 1 with 1 vCPU on Fargate"),
        ({**FARGATE, "vcpus": 0.25, "memory_gib": 3}, r"memory_gib=3 is not legal: 0.5, 1 or 2 GiB with 0.25 vCPU"),
        ({"platform": "EKS"}, r"platform='EKS' is not legal: one of 'EC2', 'FARGATE'"),
        ({"platform": "FARGATE"}, r"execution_role=None is not legal: on Fargate a role with the managed policy"),
        ({"secrets": {"A": SECRET}}, r"execution_role=None is not legal: with secrets a role"),
        ({"environment": {"AWS_BATCH_X": "1"}}, r"environment='AWS_BATCH_X' is not legal: names .* AWS_BATCH"),
        ({"environment": {"A=B": "1"}}, r"environment='A=•••' is not legal: names"),
        ({"environment": {"DEBUG": ""}}, r"environment='DEBUG' is not legal: .*drops a variable without a value"),
        ({"environment": {"LEVEL": 3}}, r"environment='LEVEL' is not legal: non-empty strings"),
        ({"secrets": {"A": "hunter2"}}, r"arn='•••' is not legal: the ARN of a secret"),
        ({"secrets": {"AWS_BATCH_A": SECRET}, "execution_role": ROLE}, r"secrets='AWS_BATCH_A' is not legal"),
        (
            {"secrets": {"A": SECRET}, "environment": {"A": "1"}, "execution_role": ROLE},
            r"secrets=\['A'\] is not legal: names that are not in environment too",
        ),
        (
            {"secrets": {"A": 1}, "execution_role": ROLE},
            r"secrets='A' is not legal: a StoredSecret, Secret\(arn\) or an ARN",
        ),
        ({"timeout_s": 59}, r"timeout_s=59 is not legal: a whole number from 60"),
        ({"parameters": {"subject": 1}}, r"parameters='subject' is not legal: non-empty strings"),
        ({"log_options": {"": "x"}}, r"log_options='' is not legal"),
        ({"user": "Root"}, r"user='Root' is not legal: 1 to 31 of a-z"),
        ({"job_role": "reader"}, r"job_role='reader' is not legal: an IamRole, the ARN of a role, or None"),
        ({**FARGATE, "ephemeral_storage_gib": 20}, r"ephemeral_storage_gib=20 is not legal: a whole number from 21"),
        ({"ephemeral_storage_gib": 30}, r"ephemeral_storage_gib=30 is not legal: None on EC2"),
        ({"assign_public_ip": True}, r"assign_public_ip=True is not legal: None on EC2"),
        ({"name": "a b"}, r"name='a b' is not legal"),
        ({"retry": RetryPolicy(on_exit=[{"onReason": "x"}])}, r"retry='' is not legal: .*'RETRY' or 'EXIT'"),
        ({"retry": RetryPolicy(on_exit=[{"action": "RETRY"}])}, r"retry=\[\] is not legal: conditions on one or more"),
        (
            {"retry": RetryPolicy(on_exit=[{"action": "EXIT", "onExitCode": "1*2"}])},
            r"retry='1\*2' is not legal: onExitCode of at most 512 digits",
        ),
        ({"environment": {"A": "x" * 24_576}}, r"request='\d+ bytes' is not legal: at most 24576 bytes"),
    ],
)
def test_what_aws_would_refuse_is_refused_before_any_call(fields: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what is legal, and never the value of a variable."""
    with pytest.raises(DeclarationError) as refused:
        declare(**fields)
    assert re.search(message, str(refused.value)), str(refused.value)


@pytest.mark.parametrize(
    ("volumes", "message"),
    [
        ({"mnt/efs": volume()}, r"volumes='mnt/efs' is not legal: absolute paths"),
        ({"/mnt/efs": "scratch"}, r"volumes\['/mnt/efs'\]='scratch' is not legal: an EfsVolume, or a Mount"),
        ({"/": volume()}, r"volumes='/' is not legal: absolute paths in the container other than /"),
        ({"/mnt/../etc": volume()}, r"volumes='/mnt/../etc' is not legal: paths without '..'"),
        ({"/mnt/efs": volume(), "/mnt/efs/": volume()}, r"volumes='/mnt/efs/' is not legal: each path once"),
        ({"/mnt/efs": Mount(volume(), iam=True)}, r"job_role=None is not legal: a role, since the mount"),
    ],
)
def test_a_mount_that_aws_would_refuse_is_refused(volumes: dict[str, Any], message: str) -> None:
    """The error names the path, or the field that the mount needs."""
    with pytest.raises(DeclarationError, match=message):
        declare(volumes=volumes)


def test_the_value_of_a_variable_is_not_in_the_error() -> None:
    """A refused environment says the name only."""
    with pytest.raises(DeclarationError) as refused:
        declare(environment={"AWS_BATCH_TOKEN": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(("vcpus", "memory_gib"), [(0.25, 0.5), (0.5, 4), (2, 16), (8, 20), (16, 120), (32, 244)])
def test_every_pair_of_the_fargate_table_is_taken(vcpus: float, memory_gib: float) -> None:
    """Sizes at the edges of AWS's table are legal."""
    definition = declare(**FARGATE, vcpus=vcpus, memory_gib=memory_gib)
    assert (definition.vcpus, definition.memory_gib) == (vcpus, memory_gib)


def test_a_job_s_own_sizes_are_checked_by_the_definition_s_platform() -> None:
    """What a job overrides is checked together with what it does not."""
    definition = declare(**FARGATE, vcpus=1, memory_gib=8)
    definition.check_sizes(vcpus=4)
    with pytest.raises(DeclarationError, match=r"memory_gib=8 is not legal: 0.5, 1 or 2 GiB with 0.25 vCPU"):
        definition.check_sizes(vcpus=0.25)


# --- names ------------------------------------------------------------------------------------------------------------


def test_the_default_name_says_image_and_sizes() -> None:
    """As the code before this one had it, with the namespace in front and legal characters only."""
    assert declare(vcpus=4, memory_gib=8).name == "test_ghcr-io-lab-convert-2-1-image_8-GiB-RAM_4-CPU"
    assert declare(image="a@sha256:0", memory_gib=0.5).name == "test_a-sha256-0-image_0-5-GiB-RAM_1-CPU"


def test_the_default_name_tells_apart_what_would_take_turns() -> None:
    """A GPU, a volume or another platform is another definition."""
    names = {each.name for each in (declare(), declare(gpus=1), declare(volumes={"/in": volume()}), declare(**FARGATE))}
    assert len(names) == 4


@given(image=st.text(min_size=1, max_size=255), vcpus=st.integers(1, 448), memory_gib=st.floats(0.01, 4096))
def test_every_default_name_is_legal(image: str, vcpus: int, memory_gib: float) -> None:
    """Whatever the image is called, AWS takes the name."""
    assert NAME_PATTERN.fullmatch(default_definition_name("lab", image=image, vcpus=vcpus, memory_gib=memory_gib))


def test_long_names_are_cut_and_still_told_apart() -> None:
    """128 characters at most; what differs beyond them differs in the hash."""
    one, other = (legal_name("a" * 200 + tail) for tail in ("1", "2"))
    assert (len(one), len(other), one == other) == (128, 128, False)


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("lab/convert:2.1", "neuroconv_batch_lab-convert-2-1-image_4-GiB-RAM_2-CPU"),
        ("lab/convert:latest", "neuroconv_batch_lab-convert-latest-image_4-GiB-RAM_2-CPU_created-on-2026-01-31"),
        ("lab/convert", "neuroconv_batch_lab-convert-image_4-GiB-RAM_2-CPU_created-on-2026-01-31"),
        ("host:5000/convert", "neuroconv_batch_host-5000-convert-image_4-GiB-RAM_2-CPU_created-on-2026-01-31"),
        ("lab/convert@sha256:0a", "neuroconv_batch_lab-convert-sha256-0a-image_4-GiB-RAM_2-CPU"),
    ],
)
def test_the_seed_s_name_carries_the_date_where_the_image_moves(image: str, name: str) -> None:
    """The tag `latest`, or none, means another image on another day; a port is no tag, and a digest never moves."""
    made = seed_definition_name(
        docker_image=image, minimum_worker_ram_in_gib=4, minimum_worker_cpus=2, date=dt.date(2026, 1, 31)
    )
    assert made == name


def test_the_seed_s_name_carries_the_file_system() -> None:
    """A mounted file system is part of the name."""
    made = seed_definition_name(
        docker_image="a:1", minimum_worker_ram_in_gib=4, minimum_worker_cpus=4, efs_id="fs-0123"
    )
    assert made == "neuroconv_batch_a-1-image_4-GiB-RAM_4-CPU_fs-0123"


# --- content hash -----------------------------------------------------------------------------------------------------


def test_the_content_hash_knows_what_runs_and_nothing_else() -> None:
    """Equal content is an equal hash whatever the name, tags and patience; any other content is another hash."""
    definition = declare(environment={"A": "1", "B": "2"}, volumes={"/in": volume()}, retry=RetryPolicy(attempts=2))
    hashed = definition.content_hash("salt")
    same = attrs.evolve(
        definition,
        name="other",
        tags={"a": "b"},
        patience=Patience(timeout_s=1),
        vcpus=1.0,
        environment={"B": "2", "A": "1"},
    )
    changes: list[dict[str, Any]] = [
        {"image": "b"},
        {"command": ["a"]},
        {"memory_gib": 3},
        {"environment": {"A": "1"}},
        {"volumes": {"/in": Mount(volume(), read_only=True)}},
        {"retry": None},
        {"job_role": ROLE},
        {"execution_role": ROLE, "secrets": {"A_TOKEN": Secret(SECRET)}},
    ]
    others = {attrs.evolve(definition, **change).content_hash("salt") for change in changes}
    assert same.content_hash("salt") == hashed
    assert len(others) == len(changes)
    assert hashed not in others


def test_the_content_hash_is_salted_and_versioned() -> None:
    """Without the salt it says nothing of a weak value, and its rule can change later."""
    definition = declare(environment={"COLOUR": "hunter2"})
    assert definition.content_hash("a") != definition.content_hash("b")
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", definition.content_hash("a"))


def test_the_content_hash_is_the_same_in_another_process() -> None:
    """It does not hang on this process's own hash seed."""
    code = (
        "from batchwright import BatchSession\n"
        "from batchwright.resources.job_definition import JobDefinition\n"
        "session = BatchSession('test', region='us-east-2')\n"
        f"definition = JobDefinition(session, image={IMAGE!r}, environment={{'B': '2', 'A': '1'}}, vcpus=2)\n"
        "print(definition.content_hash('salt'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "7"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert run.stdout.strip() == declare(environment={"A": "1", "B": "2"}, vcpus=2).content_hash("salt")
