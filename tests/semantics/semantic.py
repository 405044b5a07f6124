"""What a row of the table is, what a cell of it says, and the list of all rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import attrs

if TYPE_CHECKING:
    from semantics.bench import Bench

Answer = Literal["yes", "partly", "no", "not offered"]


@attrs.frozen
class Verdict:
    """What a probe saw.

    Attributes:
        answer: Whether the system does as AWS does; `not offered` where it does not claim to, and says so.
        word: How it differs, in few words that do not depend on the run.
    """

    answer: Answer
    word: str = ""

    def __str__(self) -> str:
        return f"{self.answer}: {self.word}" if self.word else self.answer


YES: Final = Verdict("yes")
NOT_OFFERED: Final = Verdict("not offered")


class NotOffered(Exception):
    """The system has no such operation or service, and says so."""


def as_aws(is_so: object, otherwise: str) -> Verdict:
    """Yes, or no in these words."""
    return YES if is_so else Verdict("no", otherwise)


@attrs.frozen(kw_only=True)
class Semantic:
    """A row.

    Attributes:
        topic: The table that it belongs to.
        text: What AWS Batch does.
        page: Where AWS says so: a page of the Batch User Guide, or an operation of the API Reference.
        probe: What finds out whether a system does so too.
        is_alone: Whether the probe moves the time, so that no other may run meanwhile.
        needs_images: Whether it is about what only containers have.
        operation: A method of boto3's client without which it cannot be asked; an older boto3 may lack it.
    """

    topic: str
    text: str
    page: str
    probe: Callable[[Bench], Verdict]
    is_alone: bool = False
    needs_images: bool = False
    operation: str = "submit_job"

    @property
    def name(self) -> str:
        """The probe's name."""
        return self.probe.__name__


SEMANTICS: Final[dict[str, Semantic]] = {}
"""Every row by its probe's name, in the order in which the modules of probes are imported."""
Probe = Callable[["Bench"], Verdict]


def topic(name: str) -> Callable[..., Callable[[Probe], Probe]]:
    """A decorator of one table's probes, by what AWS does and the page that says so."""

    def row(text: str, page: str, *, alone: bool = False, images: bool = False, operation: str = "submit_job"):  # noqa: ANN202  # a decorator
        def add(probe: Probe) -> Probe:
            SEMANTICS[probe.__name__] = Semantic(
                topic=name,
                text=text,
                page=page,
                probe=probe,
                is_alone=alone,
                needs_images=images,
                operation=operation,
            )
            return probe

        return add

    return row
