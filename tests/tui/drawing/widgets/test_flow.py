from hypothesis import given
from hypothesis import strategies as st

from till.tui.drawing.widgets.flow import Page, flow, locate


def runs(pages: tuple[Page, ...]) -> list[tuple[int, int, int]]:
    return [(run.category, run.start, run.stop) for page in pages for column in page for run in column]


def test_the_menu_of_the_look_parts_after_lunch() -> None:
    (page,) = flow([10, 4, 6, 4, 3], 2, 26)
    assert [[run.category for run in column] for column in page] == [[0, 1], [2, 3, 4]]


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(1, 5), st.integers(2, 40))
def test_every_item_stands_once_in_order_and_nothing_is_too_tall(sizes: list[int], columns: int, height: int) -> None:
    pages = flow(sizes, columns, height)
    found = runs(pages)
    assert [(c, i) for c, start, stop in found for i in range(start, stop)] == [
        (c, i) for c, size in enumerate(sizes) for i in range(size)
    ]
    assert {c for c, _, _ in found} == set(range(len(sizes)))
    for page in pages:
        assert len(page) <= columns
        for column in page:
            assert sum(run.rows for run in column) + len(column) - 1 <= height
            assert all(run.stop > run.start or sizes[run.category] == 0 for run in column)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 3), st.integers(2, 30))
def test_a_row_tells_what_stands_on_it(sizes: list[int], columns: int, height: int) -> None:
    for page in flow(sizes, columns, height):
        for column in page:
            rows = [locate(column, y) for y in range(height)]
            told = [(row[0].category, row[1]) for row in rows if row is not None]
            assert told == [(run.category, i) for run in column for i in (-1, *range(run.start, run.stop))]


def test_ten_thousand_items_take_pages() -> None:
    pages = flow([1000] * 10, 2, 26)
    assert len(pages) == 200
    assert sum(stop - start for _, start, stop in runs(pages)) == 10_000
