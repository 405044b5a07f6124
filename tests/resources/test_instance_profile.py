"""The contract of instance profiles, and the one role in them."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession
from batchwright.errors import ConflictError, DeclarationError, NotOwnedError
from batchwright.local.in_process import InProcessAws
from batchwright.resources.iam_role import IamRole
from batchwright.resources.instance_profile import InstanceProfile
from batchwright.testing import FakeClock, ResourceContract
from batchwright.values import Action


def role_of(session: BatchSession, name: str = "lab") -> IamRole:
    """A role for instances."""
    return IamRole(session, name=name, trusted_service="ec2.amazonaws.com")


class TestInstanceProfile(ResourceContract):
    """An instance profile keeps the contract of all resources."""

    mutable = {"tags": {"project": "reads"}}

    def declare(self, session: BatchSession) -> InstanceProfile:
        return InstanceProfile(session, name="lab", role=role_of(session))


def lab(session: BatchSession) -> InstanceProfile:
    """The profile of the role `lab`."""
    return InstanceProfile(session, name="lab", role=role_of(session))


def test_it_comes_with_its_role(session: BatchSession) -> None:
    """The first ensure() makes the role, then the profile, and puts the one into the other."""
    ensured = lab(session).ensure()
    seen = session.iam.get_instance_profile(InstanceProfileName="lab")["InstanceProfile"]
    assert [role["RoleName"] for role in seen["Roles"]] == ["lab"]
    assert seen["Path"] == "/batchwright/test/"
    assert ensured.description.role_names == ("lab",)
    assert ensured.description.arn == seen["Arn"]


def test_a_profile_that_a_crash_left_empty_gets_its_role(session: BatchSession) -> None:
    """The missing role is drift of ours, and is put back."""
    profile = lab(session)
    profile.ensure()
    session.iam.remove_role_from_instance_profile(InstanceProfileName="lab", RoleName="lab")
    assert profile.drift().paths == ("Roles",)
    assert profile.ensure().action is Action.UPDATED
    assert profile.describe().role_names == ("lab",)


def test_another_role_in_it_is_a_conflict(session: BatchSession, aws: InProcessAws) -> None:
    """IAM allows one role: the error names both and the way out, and nothing is written."""
    lab(session).ensure()
    other = InstanceProfile(session, name="lab", role=role_of(session, "other"))
    other.role.ensure()
    aws.calls.clear()
    with pytest.raises(ConflictError, match=r"holds role 'lab' and not 'other'.*\n.*remove-role-from-instance-profile"):
        other.ensure()
    assert all(operation.startswith(("Get", "List")) for _, operation in aws.calls)
    assert lab(session).describe().role_names == ("lab",)


def test_a_foreign_profile_is_used_as_it_is(session: BatchSession) -> None:
    """A profile that someone else made, such as the console's, is reported, not changed and not deleted."""
    session.iam.create_instance_profile(InstanceProfileName="ecsInstanceRole")
    profile = InstanceProfile(session, name="ecsInstanceRole", role=role_of(session))
    ensured = profile.ensure()
    assert (ensured.action, ensured.owned, ensured.drift.paths) == (Action.UNCHANGED, False, ("Roles",))
    with pytest.raises(NotOwnedError):
        profile.delete()
    assert profile.describe().role_names == ()


def test_deleting_takes_the_role_out_first_and_leaves_it(session: BatchSession) -> None:
    """The profile goes, its role stays."""
    profile = lab(session)
    profile.ensure()
    profile.delete()
    assert not profile.exists()
    assert profile.role.exists()


def test_the_role_can_go_first(session: BatchSession) -> None:
    """A profile whose role was deleted before is deleted all the same."""
    profile = lab(session)
    profile.ensure()
    profile.role.delete()
    assert profile.describe().role_names == ()
    profile.delete()
    assert not profile.exists()


def test_two_at_once_make_one(session: BatchSession) -> None:
    """Whoever comes second finds what the first one made, role included."""
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: lab(session).ensure(), range(2)))
    assert [ensured.description.role_names for ensured in both] == [("lab",), ("lab",)]
    assert all(ensured.owned for ensured in both)


def refusal(code: str, message: str) -> ClientError:
    """An error of IAM."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "AddRoleToInstanceProfile")


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        (refusal("NoSuchEntity", "The role with name lab cannot be found."), True),
        (refusal("NoSuchEntity", "Policy arn:aws:iam::aws:policy/X does not exist or is not attachable."), False),
        (refusal("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"), True),
        (refusal("LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount: 1000"), False),
        (refusal("EntityTemporarilyUnmodifiable", "Try again."), True),
        (refusal("DeleteConflict", "Cannot delete entity, must detach all policies first."), True),
        (refusal("MalformedPolicyDocument", "Syntax errors in policy."), False),
    ],
)
def test_what_passes_is_told_from_what_does_not(session: BatchSession, error: ClientError, busy: bool) -> None:
    """IAM shows new things late, and someone else may be quicker: only that is tried again."""
    assert lab(session)._is_busy(error) is busy
    assert role_of(session)._is_busy(error) is busy


def test_only_our_own_are_listed(session: BatchSession) -> None:
    """The inventory holds the profiles below the namespace's path that it made."""
    session.iam.create_instance_profile(InstanceProfileName="by-hand", Path="/batchwright/test/")
    session.iam.create_instance_profile(InstanceProfileName="elsewhere")
    lab(session).ensure()
    assert [seen.name for seen in InstanceProfile.list_owned(session)] == ["lab"]


def test_a_name_too_long_is_refused_before_any_call() -> None:
    """The error names the field and what is legal."""
    profile = lab(BatchSession("test"))
    with pytest.raises(DeclarationError, match="1 to 128"):
        attrs.evolve(profile, name="a" * 129)


def test_a_new_one_is_given_time_to_be_known(session: BatchSession, aws: InProcessAws) -> None:
    """AWS takes an environment with a profile that it does not know yet, and makes it INVALID: so it is waited for."""
    began = aws.clock.now()
    assert lab(session).ensure().description.status == "ACTIVE"
    assert session.iam_propagation_s - 1 <= aws.clock.now() - began <= session.iam_propagation_s + 5
    began = aws.clock.now()
    assert lab(session).ensure().action is Action.UNCHANGED
    assert aws.clock.now() == began


def test_nothing_has_to_spread_where_iam_is_on_this_machine(session: BatchSession) -> None:
    """Neither is a profile from far in the future waited for: this machine's clock is wrong."""
    session.iam_propagation_s = 0.0
    lab(session).ensure()
    session.iam_propagation_s = 1e9
    assert lab(session).describe().status == "PROPAGATING"
    behind = FakeClock(now=lambda: 0.0)
    slow = BatchSession("test", boto3_session=session.boto3_session, clock=behind)
    assert lab(slow).describe().status == "ACTIVE"
