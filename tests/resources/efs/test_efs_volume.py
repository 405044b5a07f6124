"""The contract of EFS volumes, and what their fields may hold."""

import datetime as dt
from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.errors import (
    DeclarationError,
)
from batchwright.lifecycle import Resource
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.testing import FakeClock, ResourceContract

KEY = "arn:aws:kms:us-east-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def declared(session: BatchSession, **fields: Any) -> EfsVolume:  # noqa: ANN401  # any field
    network = DefaultNetwork(session)
    group = SecurityGroup(session, name="lab", network=network)
    return EfsVolume(session, **{"name": "scratch", "network": network, "security_groups": group, **fields})


class TestEfsVolume(ResourceContract):
    """A volume keeps the contract of all resources."""

    mutable = {
        "throughput_mode": "bursting",
        "backup": True,
        "security_groups": "other",
        "access_point": AccessPoint(path="/data", uid=1000, gid=1000),
        "tags": {"project": "reads"},
    }
    immutable = {"availability_zone": "us-east-2b", "kms_key_id": KEY}

    def declare(self, session: BatchSession) -> EfsVolume:
        return declared(session)

    def changed(self, resource: Resource[Any], field: str, value: object) -> Resource[Any]:
        if field == "security_groups":
            network = DefaultNetwork(resource.session)
            value = SecurityGroup(resource.session, name="other", network=network)
            # Drift is judged by ids, so both groups are there.
            for group in (value, *resource.dependencies()):
                group.ensure()
        return super().changed(resource, field, value)


class TestProvisionedEfsVolume(ResourceContract):
    """So does one with a throughput of its own."""

    mutable = {"provisioned_mibps": 20}

    def declare(self, session: BatchSession) -> EfsVolume:
        return declared(session, throughput_mode="provisioned", provisioned_mibps=10)


class TestOneZoneEfsVolume(ResourceContract):
    """So does one in one zone, which AWS would save unless told otherwise, with an access point of its own."""

    mutable = {"backup": True}
    immutable = {"availability_zone": "us-east-2b"}

    def declare(self, session: BatchSession) -> EfsVolume:
        point = AccessPoint(uid=1, gid=1)
        return declared(session, availability_zone="us-east-2a", access_point=point)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name=''"),
        ({"throughput_mode": "fast"}, "throughput_mode='fast'.*'elastic', 'bursting', 'provisioned'"),
        ({"throughput_mode": "provisioned"}, "provisioned_mibps=None"),
        ({"provisioned_mibps": 10}, "provisioned_mibps=10.*only then"),
        ({"throughput_mode": "provisioned", "provisioned_mibps": 0}, "provisioned_mibps=0.*1 or more"),
        ({"availability_zone": "us-east-2"}, "availability_zone='us-east-2'.*'us-east-2a'"),
        ({"kms_key_id": "alias/lab"}, "kms_key_id='alias/lab'.*not an alias"),
        ({"security_groups": ("sg-1",) * 6}, "security_groups='6 groups'.*1 to 5"),
        ({"security_groups": "lab"}, "security_groups='lab'.*sg-0123"),
        ({"security_groups": ()}, "security_groups="),
        ({"network": None}, "network=None"),
    ],
)
def test_what_aws_would_refuse_is_refused_before_any_call(fields: dict[str, Any], said: str) -> None:
    """The error names the field, the value and what is legal."""
    with pytest.raises(DeclarationError, match=said):
        declared(BatchSession("test", region="us-east-2"), **fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "data"}, "path='data'.*absolute"),
        ({"path": "/a/b/c/d/e"}, "4 levels"),
        ({"uid": 1000}, "gid=None.*together with uid"),
        ({"uid": -1, "gid": 0}, "uid=-1.*0 to"),
        ({"permissions": "rwx"}, "permissions='rwx'.*octal"),
    ],
)
def test_a_bad_access_point_is_refused_before_any_call(fields: dict[str, Any], said: str) -> None:
    """The error names the field, the value and what is legal."""
    with pytest.raises(DeclarationError, match=said):
        AccessPoint(**fields)


def test_a_zone_without_a_subnet_is_refused_by_name(session: BatchSession) -> None:
    """The error lists the zones of the network, and nothing is made."""
    with pytest.raises(DeclarationError, match=r"availability_zone='us-east-2f'.*us-east-2a, us-east-2b"):
        declared(session, availability_zone="us-east-2f").ensure()
    assert session.efs.describe_file_systems()["FileSystems"] == []


def test_a_slow_clock_here_does_not_hold_up_a_volume(session: BatchSession, aws: InProcessAws) -> None:
    """A file system made in this machine's future is not waited for until then."""
    declared(session).ensure()
    (made,) = session.efs.describe_file_systems()["FileSystems"]
    assert isinstance(made["CreationTime"], dt.datetime)
    clock = FakeClock(start=made["CreationTime"].timestamp() - 3600)
    other = BatchSession("test", boto3_session=session.boto3_session, clock=clock)
    assert declared(other).describe().status == "available"
