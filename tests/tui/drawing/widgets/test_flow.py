from hypothesis import given
from hypothesis import strategies as st

from till.tui.drawing.widgets.flow import Column, Foot, Page, fill, flow, flow_now_first, foot, locate


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
def test_a_row_is_located_where_it_is_drawn(sizes: list[int], columns: int, height: int) -> None:
    for page in flow(sizes, columns, height):
        for column in page:
            rows = [locate(column, y) for y in range(height)]
            drawn = [(row[0].category, row[1]) for row in rows if row is not None]
            assert drawn == [(run.category, i) for run in column for i in (-1, *range(run.start, run.stop))]


def test_ten_thousand_items_take_pages() -> None:
    pages = flow([1000] * 10, 2, 26)
    assert len(pages) == 200
    assert sum(stop - start for _, start, stop in runs(pages)) == 10_000


def tall(column: Column) -> int:
    return sum(run.rows for run in column) + len(column) - 1


def categories(page: Page) -> list[list[int]]:
    return [[run.category for run in column] for column in page]


def test_items_on_sale_have_the_first_page_and_their_categories_stay_whole() -> None:
    first, second = flow_now_first([16, 10, 7, 9, 8, 12], 2, 26, later=2)
    assert categories(first) == [[0, 2], [1, 3]]
    assert categories(second) == [[4], [5]]
    assert foot(first, 2, 26, 3) == Foot(1, 23, 3)


def test_a_board_that_fits_on_one_page_keeps_its_order() -> None:
    assert flow_now_first([10, 6, 4, 3, 4], 2, 26, later=1) == flow([10, 6, 4, 3, 4], 2, 26)


def test_more_than_a_page_that_is_sold_now_fills_the_columns() -> None:
    assert flow_now_first([60, 8], 2, 26, later=1) == flow([60, 8], 2, 26)


@given(st.lists(st.integers(1, 30), max_size=9), st.integers(0, 9), st.integers(1, 4), st.integers(2, 40))
def test_sold_now_or_later_every_item_stands_once(sizes: list[int], later: int, columns: int, height: int) -> None:
    later = min(later, len(sizes))
    pages = flow_now_first(sizes, columns, height, later)
    assert sorted((c, i) for c, start, stop in runs(pages) for i in range(start, stop)) == [
        (c, i) for c, size in enumerate(sizes) for i in range(size)
    ]
    for page in pages:
        assert 0 < len(page) <= columns
        for column in page:
            assert 0 < tall(column) <= height
            assert [run.category for run in column] == sorted(run.category for run in column)
            assert all(run.stop > run.start for run in column)
        assert [column[0] for column in page] == sorted((column[0] for column in page), key=lambda run: run.category)
    if pages and pages != flow(sizes, columns, height):
        now = set(range(len(sizes) - later))
        assert {run.category for column in pages[0] for run in column} == now
        assert all(run.rows == sizes[run.category] + 1 for column in pages[0] for run in column)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=9), st.integers(1, 4), st.integers(2, 40), st.integers(1, 9))
def test_a_foot_stands_on_nothing_and_ends_on_the_page(sizes: list[int], columns: int, height: int, rows: int) -> None:
    for page in flow(sizes, columns, height):
        found = foot(page, columns, height, rows)
        if found is None:
            assert len(page) == columns
            assert tall(page[-1]) >= height - 1
            continue
        assert 0 < found.rows <= rows
        assert found.top + found.rows <= height
        assert found.column < columns
        assert found.column == len(page) or found.top == tall(page[found.column]) + 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=9), st.integers(1, 4), st.integers(2, 40))
def test_found_items_fill_one_column_after_another(sizes: list[int], columns: int, height: int) -> None:
    pages = fill(sizes, columns, height)
    assert [(c, i) for c, start, stop in runs(pages) for i in range(start, stop)] == [
        (c, i) for c, size in enumerate(sizes) for i in range(size)
    ]
    filled = [column for page in pages for column in page]
    assert all(tall(column) >= height - 2 for column in filled[:-1])
