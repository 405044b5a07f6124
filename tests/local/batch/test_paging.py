"""Pages of the local AWS Batch, by property."""

from hypothesis import given
from hypothesis import strategies as st

from batchwright.local.paging import page


@given(keys=st.sets(st.integers()), gone=st.sets(st.integers()), size=st.integers(1, 5))
def test_pages_show_each_item_once_in_order(keys: set[int], gone: set[int], size: int) -> None:
    """What stays is shown exactly once and in order, whatever vanishes after the first page."""
    shown, token = page(keys, key=lambda key: (key,), request={"maxResults": size})
    left = keys - gone
    seen = list(shown)
    while token is not None:
        shown, token = page(left, key=lambda key: (key,), request={"maxResults": size, "nextToken": token})
        seen += shown
    assert [key for key in seen if key in left] == sorted(left)
    assert len(seen) == len(set(seen))
