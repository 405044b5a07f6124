"""Every probe on one system: those that do not move the time side by side, the others one after the other."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import attrs
import boto3
from botocore.exceptions import BotoCoreError, ClientError

from semantics.account import PLENTY, Account
from semantics.bench import Bench, is_absent
from semantics.rows import ROWS
from semantics.semantic import NOT_OFFERED, NotOffered, Semantic, Verdict
from semantics.systems import SYSTEMS, System

AT_ONCE: Final = 6
logger = logging.getLogger(__name__)


@attrs.frozen
class Asking:
    """A system that is running and was prepared.

    Attributes:
        system: The system.
        account: What it was prepared with.
    """

    system: System
    account: Account

    def verdict(self, semantic: Semantic) -> Verdict:
        """What the probe says of this system."""
        if semantic.needs_images and not self.system.has_images:
            return Verdict("not offered", "the programs are the machine's")
        bench = Bench(self.system, self.account)
        try:
            return semantic.probe(bench)
        except NotOffered:
            return NOT_OFFERED
        except (ClientError, BotoCoreError, KeyError, IndexError) as error:
            if is_absent(error):
                return NOT_OFFERED
            logger.warning("%s: %r", semantic.name, error)
            return Verdict("no", "it answers with an error")
        finally:
            with contextlib.suppress(ClientError, BotoCoreError):
                bench.close()


@contextmanager
def asking(name: str) -> Iterator[Asking]:
    """One system by its name, with the queue that most probes use."""
    with SYSTEMS[name]() as system:
        account = Account(system)
        bench = Bench(system, account)
        account.queue = bench.queue(bench.environment(256, PLENTY))
        yield Asking(system, account)


def askable(rows: Iterable[Semantic]) -> list[Semantic]:
    """Those that this boto3 can ask."""
    methods = dir(boto3.client("batch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"))
    return [row for row in rows if row.operation in methods]


def verdicts(name: str, said: Callable[[str], object], only: Iterable[str] = ()) -> dict[str, Verdict]:
    """What every probe says of a system, by its name."""
    rows = askable(ROWS[probe] for probe in (only or ROWS))
    found: dict[str, Verdict] = {}

    def ask(row: Semantic) -> None:
        found[row.name] = asked.verdict(row)
        said(f"{name}: {row.name}: {found[row.name]}")

    with asking(name) as asked:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # Where the time cannot be moved, nobody is disturbed.
            alone = [row for row in rows if row.is_alone and asked.system.advance is not None]
            list(pool.map(ask, [row for row in rows if row not in alone]))
        for row in alone:
            ask(row)
    return found
