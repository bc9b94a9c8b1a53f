from hypothesis import given
from hypothesis import strategies as st

from till.tui.drawing.widgets.window import Window

heights = st.lists(st.integers(1, 4), max_size=40)


def laid(tall: list[int], height: int, selected: int | None = None, *, follow: bool = False) -> Window:
    window = Window(follow=follow)
    window.lay(tall, height, selected)
    return window


@given(heights, st.integers(1, 20), st.data(), st.booleans())
def test_entries_are_whole_and_the_selected_one_in_sight(
    tall: list[int], height: int, data: st.DataObject, follow: bool
) -> None:
    window = Window(follow=follow)
    for _ in range(3):
        selected = data.draw(st.integers(0, len(tall) - 1)) if tall else None
        window.lay(tall, height, selected)
        shown = [entry for entry, _row in window.rows]
        assert len(shown) <= height
        assert shown == sorted(shown)
        if selected is not None:
            assert selected in shown
            for entry in set(shown):
                assert shown.count(entry) == tall[entry] or (set(shown) == {entry} and len(shown) == height)
            assert window.above == shown[0]
            assert window.below == len(tall) - 1 - shown[-1]


@given(heights, st.integers(1, 20), st.integers(-50, 50))
def test_the_thumb_lies_in_the_window_and_reaches_its_ends(tall: list[int], height: int, by: int) -> None:
    window = laid(tall, height)
    window.move(by)
    thumb = window.thumb()
    assert not thumb or 0 <= thumb.start < thumb.stop <= height
    assert bool(thumb) == (window.above + window.below > 0)
    if thumb and not window.above:
        assert thumb.start == 0
    if thumb and not window.below:
        assert thumb.stop == height


def test_an_order_stays_at_its_end_as_it_grows() -> None:
    window = laid([1] * 5, 5, follow=True)
    window.lay([1] * 6, 5)
    assert [entry for entry, _ in window.rows] == [1, 2, 3, 4, 5]
    window.move(-1)
    window.lay([1] * 7, 5)
    assert [entry for entry, _ in window.rows] == [0, 1, 2, 3, 4]


def test_a_list_stays_at_its_top_as_it_grows() -> None:
    window = laid([1] * 5, 5)
    window.lay([1] * 9, 5)
    assert window.above == 0
    assert window.below == 4


def test_selecting_moves_no_more_than_it_must() -> None:
    window = laid([1] * 20, 5, 0)
    window.lay([1] * 20, 5, 6)
    assert window.first == 2
    window.lay([1] * 20, 5, 3)
    assert window.first == 2
    window.lay([1] * 20, 5, 1)
    assert window.first == 1


def test_a_removed_row_leaves_no_hole() -> None:
    window = laid([1] * 20, 5, 19)
    window.lay([1] * 4, 5, 3)
    assert [entry for entry, _ in window.rows] == [0, 1, 2, 3]
