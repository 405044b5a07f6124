"""The contract that every resource keeps, as tests that a subclass inherits."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright._wire import Description
from batchwright.errors import NotFoundError, ReplacementRequiredError, WaitTimeoutError
from batchwright.lifecycle import Resource
from batchwright.session import BatchSession
from batchwright.values import Action
from batchwright.waiting import Patience

if TYPE_CHECKING:
    import pytest


def evolved(resource: Resource[Any], **changes: object) -> Resource[Any]:
    """`resource` with some fields changed (`attrs.evolve`, for fields that only run time knows)."""
    return cast("Resource[Any]", cast("Any", attrs.evolve)(resource, **changes))


_TABLE_TESTS: Final = {
    "mutable": ("test_a_mutable_field_is_updated_once", "test_a_field_taken_out_again_drifts"),
    "immutable": ("test_an_immutable_field_needs_a_replacement",),
}


class ResourceContract:
    """What every kind of resource promises, as pytest tests; a subclass says which resource.

    The test module or its conftest supplies a fixture `session`: a `BatchSession` on an empty account.

    Attributes:
        mutable: By field, another legal value that AWS takes in place.
        immutable: By field, another legal value that needs a replacement.
    """

    mutable: ClassVar[Mapping[str, object]] = {}
    immutable: ClassVar[Mapping[str, object]] = {}

    def declare(self, session: BatchSession) -> Resource[Any]:
        """The resource under test."""
        raise NotImplementedError

    def changed(self, resource: Resource[Any], field: str, value: object) -> Resource[Any]:
        """`resource` with another value; overridden where a value needs other resources."""
        return evolved(resource, **{field: value})

    def __init_subclass__(cls) -> None:
        # A test without cases would be reported as skipped, so it is not there.
        for table, names in _TABLE_TESTS.items():
            for name in names:
                if not getattr(cls, table):
                    type.__setattr__(cls, name, None)
                elif getattr(cls, name) is None:  # a base in between had no cases
                    type.__setattr__(cls, name, vars(ResourceContract)[name])

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """One test for each field of `mutable` and `immutable`."""
        for argument, table in (("mutable_field", cls.mutable), ("immutable_field", cls.immutable)):
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, list(table))

    def test_absent_then_created_then_unchanged(self, session: BatchSession) -> None:
        """The first call creates, the second finds nothing to do."""
        resource = self.declare(session)
        assert not resource.exists()
        first = resource.ensure()
        assert (first.action, first.owned) == (Action.CREATED, True)
        assert resource.ensure().action is Action.UNCHANGED
        assert not resource.drift()

    def test_describe_of_something_absent_says_so(self, session: BatchSession) -> None:
        """`describe()` raises NotFoundError, which names the resource."""
        resource = self.declare(session)
        for dependency in resource.dependencies():
            cast("Resource[Description]", dependency).ensure()
        try:
            resource.describe()
        except NotFoundError as error:
            assert resource.name in str(error)  # noqa: PT017  # pytest is not needed to import this module
        else:
            raise AssertionError("describe() of something absent returned")

    def test_a_mutable_field_is_updated_once(self, session: BatchSession, mutable_field: str) -> None:
        """A changed field drifts, is updated, and then is as declared."""
        self.declare(session).ensure()
        resource = self.changed(self.declare(session), mutable_field, self.mutable[mutable_field])
        assert resource.drift()
        assert resource.ensure().action is Action.UPDATED
        assert resource.ensure().action is Action.UNCHANGED

    def test_a_field_taken_out_again_drifts(self, session: BatchSession, mutable_field: str) -> None:
        """What was declared before and is not now is drift, and goes away."""
        self.changed(self.declare(session), mutable_field, self.mutable[mutable_field]).ensure()
        resource = self.declare(session)
        assert resource.drift()
        assert resource.ensure().action is Action.UPDATED
        assert not resource.drift()

    def test_an_immutable_field_needs_a_replacement(self, session: BatchSession, immutable_field: str) -> None:
        """A field that AWS cannot change is refused by name, and nothing is written."""
        self.declare(session).ensure()
        resource = self.changed(self.declare(session), immutable_field, self.immutable[immutable_field])
        before = resource.describe()
        try:
            resource.ensure()
        except ReplacementRequiredError as error:
            assert error.drift  # noqa: PT017  # as above
        else:
            raise AssertionError(f"{immutable_field} was changed in place")
        assert resource.describe() == before

    def test_delete_twice(self, session: BatchSession) -> None:
        """Deleting what is there takes it away, and deleting nothing is fine."""
        resource = self._deletable(self.declare(session))
        resource.ensure()
        resource.delete()
        assert not resource.exists()
        resource.delete()

    def test_a_time_out_is_resumed(self, session: BatchSession) -> None:
        """A wait cut short loses nothing: the next call goes on, and one call more finds nothing to do."""
        resource = self.declare(session)
        for dependency in resource.dependencies():
            cast("Resource[Description]", dependency).ensure()
        hasty = attrs.evolve(resource, patience=Patience(timeout_s=0.001))
        try:
            hasty.ensure()
        except WaitTimeoutError as error:
            assert error.resource == resource  # noqa: PT017  # as above
        resource.ensure()
        assert resource.ensure().action is Action.UNCHANGED

    def test_it_is_a_value(self, session: BatchSession) -> None:
        """It survives copying and evolving, equals its copies, can be a key, and prints without calling AWS."""
        resource = self.declare(session)
        copies = [copy.copy(resource), attrs.evolve(resource), self.declare(session)]
        assert {resource, *copies} == {resource}
        assert resource.name in repr(resource)
        assert resource.name in resource._repr_html_()
        assert resource.to_dict()["name"] == resource.name

    def test_it_pickles_with_a_picklable_session(self) -> None:
        """It can be sent to another process, session included."""
        resource = self.declare(BatchSession("pickled", region="us-east-2"))
        again = pickle.loads(pickle.dumps(resource))  # noqa: S301  # its own bytes
        assert again == resource
        assert again.to_dict() == resource.to_dict()
        assert copy.deepcopy(resource) == resource

    def _deletable(self, resource: Resource[Any]) -> Resource[Any]:
        if "retain" in attrs.fields_dict(type(resource)):
            return evolved(resource, retain=False)
        return resource
