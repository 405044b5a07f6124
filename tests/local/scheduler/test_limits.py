"""Jobs that no environment could ever hold."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from batchwright.local.scheduling.instance_sizes import UNKNOWN, sizes_of
from batchwright.local.scheduling.needs import Needs

Cluster = Any  # the class of conftest.py
NewCluster = Callable[..., Cluster]
UNFITTING = (
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that "
    "can be met by the CE(s) attached to the job queue."
)


@pytest.mark.parametrize(
    ("types", "needs", "is_stuck"),
    [
        (["m5.large"], {"VCPU": "2", "MEMORY": "7000"}, False),
        (["m5.large"], {"VCPU": "4"}, True),
        (["m5.large"], {"MEMORY": "8192"}, True),
        (["m5.large", "r5"], {"MEMORY": "500000"}, False),
        (["c5"], {"MEMORY": "500000"}, True),
        (["optimal"], {"GPU": "1"}, True),
        (["g5"], {"GPU": "8"}, False),
        (["g5.xlarge"], {"GPU": "2"}, True),
        (["optimal"], {"MEMORY": "2000000"}, True),
        (["x9z.large"], {"MEMORY": "2000000"}, False),
        ([], {"MEMORY": "2000000"}, False),
    ],
    ids=str,
)
def test_a_job_larger_than_any_instance_says_so(
    new_cluster: NewCluster, types: list[str], needs: Mapping[str, str], is_stuck: bool
) -> None:
    """vCPUs, memory and GPUs count together, less what an instance keeps; nothing is said of unknown types."""
    cluster = new_cluster()
    cluster.environment("env", 256, type="EC2", instanceTypes=types)
    job = cluster.submit(needs=needs)
    cluster.tick()
    assert (job.status, job.status_reason) == (("RUNNABLE", UNFITTING) if is_stuck else ("RUNNING", None))


def test_a_second_environment_with_larger_instances_takes_the_job(new_cluster: NewCluster) -> None:
    """It is a misconfiguration only if no environment of the queue could hold the job."""
    cluster = new_cluster()
    cluster.environment("env", 256, type="EC2", instanceTypes=["m5.large"])
    cluster.environment("large", 256, type="EC2", instanceTypes=["m5"])
    cluster.queue("both", ["env", "large"])
    cluster.submit(queue="both", vcpus="8")
    cluster.tick()
    assert [told["AWS_BATCH_CE_NAME"] for told in cluster.recorder.environments] == ["large"]


def test_a_job_that_fits_nowhere_blocks_its_queue_until_the_limit_ends_it(new_cluster: NewCluster) -> None:
    """The next jobs wait behind it, then go on; each that is stuck has its own time at the head."""
    cluster = new_cluster()
    cluster.environment("env", 256, type="EC2", instanceTypes=["m5.large"])
    reason = UNFITTING.partition(" - ")[0]
    action = {"state": "RUNNABLE", "action": "CANCEL", "maxTimeSeconds": 600, "reason": reason}
    cluster.region.queues["queue"].time_limit_actions = [action]
    stuck = [cluster.submit(vcpus="4") for _ in range(2)]
    behind = cluster.submit()
    cluster.tick()
    cluster.tick(600)
    assert [job.status for job in (*stuck, behind)] == ["FAILED", "RUNNABLE", "RUNNABLE"]
    assert stuck[0].status_reason == f"Canceled by JobStateTimeLimit action due to reason: {reason}"
    cluster.tick(599)
    assert stuck[1].status == "RUNNABLE"
    cluster.tick(1)
    assert [job.status for job in (*stuck, behind)] == ["FAILED", "FAILED", "RUNNING"]


@pytest.fixture(scope="module")
def catalogue() -> dict[str, tuple[int, int, int]]:
    """vCPUs, MiB of memory and GPUs of what EC2's catalogue says of some families."""
    intel, graviton = ["c5", "c6i", "c7i", "c8i", "m5", "m6a", "m7i-flex", "r5", "r6i"], ["c6g", "m7g", "r8g", "t4g"]
    families = [*intel, *graviton, "g4dn", "g5", "g6", "g6e", "t3"]
    with mock_aws():
        ec2 = boto3.client("ec2", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        pages = ec2.get_paginator("describe_instance_types").paginate(
            Filters=[{"Name": "instance-type", "Values": [f"{family}.*" for family in families]}]
        )
        listed = [entry for page in pages for entry in page["InstanceTypes"]]
    return {
        entry["InstanceType"]: (
            entry["VCpuInfo"]["DefaultVCpus"],
            entry["MemoryInfo"]["SizeInMiB"],
            sum(gpu["Count"] for gpu in entry.get("GpuInfo", {}).get("Gpus", [])),
        )
        for entry in listed
    }


def test_the_sizes_agree_with_the_catalogue(catalogue: dict[str, tuple[int, int, int]]) -> None:
    """Of each type of which anything is said, it is what EC2 says."""
    ours = {name: sizes_of((name,))[0] for name in catalogue}
    known = {name: (size.vcpus, size.memory_mib, size.gpus) for name, size in ours.items() if size != UNKNOWN}
    assert len(known) > 150
    assert known == {name: catalogue[name] for name in known}


def test_a_family_is_as_large_as_its_largest_type(catalogue: dict[str, tuple[int, int, int]]) -> None:
    """A job that fits any type of the family fits the family."""
    families: dict[str, int] = {}
    for name, (vcpus, _, _) in catalogue.items():
        family = name.partition(".")[0]
        families[family] = max(families.get(family, 0), vcpus)
    known = {family: size.vcpus for family in families for size in sizes_of((family,)) if size != UNKNOWN}
    assert len(known) > 15
    assert known == {family: families[family] for family in known}


def test_a_bundle_has_no_type_that_is_largest_in_all() -> None:
    """A job may need the most vCPUs of one family or the most memory of another, and not both."""
    bundle = sizes_of(("default_x86_64",))
    assert any(size.holds(Needs(vcpus=192)) for size in bundle)
    assert any(size.holds(Needs(memory_mib=1_000_000)) for size in bundle)
    assert not any(size.holds(Needs(vcpus=192, memory_mib=1_000_000)) for size in bundle)
