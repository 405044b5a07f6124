"""Makes moto's transactions quick: it copies each table whole, once for every item of the transaction."""

import copy
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from batchwright.local.messages import as_list, as_object


class Table(Protocol):
    """A table of moto, as far as it matters here."""

    def all_items(self) -> Iterable[object]:
        """Yield every row."""
        ...


class Backend(Protocol):
    """moto's DynamoDB of one region."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Its tables by name."""
        ...

    def get_item(self, table_name: str, key: dict[str, Any]) -> object:
        """Return a row, None where there is none."""
        ...


@contextmanager
def one_copy_each(backend: Backend, transaction: Mapping[str, Any]) -> Generator[None]:
    """Copy each table once inside this, and of its rows only those that the transaction may change.

    moto puts the copies in the tables' places where the transaction is cancelled.

    Args:
        backend: Where the tables are; nobody else uses it meanwhile.
        transaction: The request of TransactWriteItems, valid or not.
    """
    named = _tables_of(backend, transaction)
    for name, table in named.items():
        # copy.deepcopy asks the object itself first; what it is told is the same at every call.
        vars(table)["__deepcopy__"] = _Once(table, _rows_of(backend, name, transaction))
    try:
        yield
    finally:
        for table in named.values():
            vars(table).pop("__deepcopy__", None)


class _Once:
    """Stands in for a table's `__deepcopy__`."""

    def __init__(self, table: Table, changing: set[int]) -> None:
        self._table = table
        self._changing = changing
        self._copy: Table | None = None

    def __call__(self, memo: dict[int, object]) -> Table:
        """Return the one copy, made when first asked for."""
        if self._copy is None:
            made: Table = object.__new__(type(self._table))
            kept: dict[int, object] = {id(row): row for row in self._table.all_items() if id(row) not in self._changing}
            kept[id(self._table)] = made
            state = {name: value for name, value in vars(self._table).items() if name != "__deepcopy__"}
            vars(made).update(copy.deepcopy(state, kept))
            self._copy = made
        return self._copy


def _operations(transaction: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = [as_object(item) or {} for item in as_list(transaction.get("TransactItems"))]
    return [operation for item in items for each in item.values() if (operation := as_object(each)) is not None]


def _tables_of(backend: Backend, transaction: Mapping[str, Any]) -> dict[str, Table]:
    names = {str(operation.get("TableName")) for operation in _operations(transaction)}
    return {name: backend.tables[name] for name in names if name in backend.tables}


def _rows_of(backend: Backend, name: str, transaction: Mapping[str, Any]) -> set[int]:
    """The identities of the rows that a transaction names, for whatever table: it may be named in several ways."""
    found: set[int] = set()
    for operation in _operations(transaction):
        key = as_object(operation.get("Key")) or as_object(operation.get("Item")) or {}
        # Whatever moto has against the key, it says when it comes to it.
        with suppress(Exception):
            found.add(id(backend.get_item(name, key)))
    return found
