"""Rows of facts as a data frame, where pandas is installed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def frame(
    rows: Sequence[Mapping[str, object]],
    columns: Sequence[str],
    *,
    times: Collection[str] = (),
    whole: Collection[str] = (),
    numbers: Collection[str] = (),
    categories: Mapping[str, Sequence[str]] = {},  # never written to
) -> pd.DataFrame:
    """These rows as a pandas DataFrame, with the same columns and types however few rows there are.

    Args:
        rows: By column, its value.
        columns: The columns, in order.
        times: Columns of moments: datetimes in UTC, of nanoseconds, `NaT` for none.
        whole: Columns of whole numbers, `<NA>` for none.
        numbers: Columns of numbers, `NaN` for none.
        categories: Columns of few words, each with its words in their order.

    Raises:
        ImportError: pandas is not installed; it says how to install it.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "A DataFrame needs pandas, which batchwright does not install: pip install pandas. "
            "to_dicts() gives the same without it."
        ) from error
    made = pd.DataFrame.from_records([[row[column] for column in columns] for row in rows], columns=list(columns))
    for column in columns:
        if column in times:
            made[column] = pd.to_datetime(made[column], utc=True).astype("datetime64[ns, UTC]")
        elif column in whole:
            made[column] = made[column].astype("Int64")
        elif column in numbers:
            made[column] = made[column].astype("float64")
        elif column in categories:
            made[column] = pd.Categorical(made[column], categories=list(categories[column]), ordered=True)
    return made
