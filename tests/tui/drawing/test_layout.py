import pytest
from textual.geometry import Region

from till.tui.drawing.layout import Areas, areas, sheet

SIZES = [
    (w, h) for w in (40, 59, 60, 79, 80, 99, 100, 119, 120, 160, 240) for h in (10, 13, 14, 21, 22, 24, 31, 32, 36, 70)
]


def regions(found: Areas) -> list[Region]:
    names = ("status", "head", "body", "total", "band", "keys", "divider", "right_head", "right")
    return [region for name in names if (region := getattr(found, name)) is not None]


def at(width: int, height: int) -> Areas:
    found = areas(width, height)
    assert found is not None
    return found


def test_the_grid_of_the_large_screen() -> None:
    found = at(120, 36)
    assert found.status == Region(0, 0, 120, 2)
    assert found.head == Region(2, 2, 54, 2)
    assert found.body == Region(2, 4, 54, 19)
    assert found.total == Region(2, 23, 54, 8)
    assert found.divider == Region(57, 2, 1, 29)
    assert found.right_head == Region(60, 2, 58, 2)
    assert found.right == Region(60, 4, 58, 27)
    assert found.band == Region(0, 31, 120, 3)
    assert found.keys == Region(0, 35, 120, 1)


def test_the_grid_of_the_small_screen() -> None:
    found = at(80, 24)
    assert found.body == Region(2, 4, 76, 11)
    assert found.total == Region(2, 15, 76, 4)
    assert found.band == Region(0, 19, 80, 3)
    assert found.keys == Region(0, 23, 80, 1)
    assert not found.wide


def test_nothing_overlaps_and_nothing_is_outside(subtests: pytest.Subtests) -> None:
    for width, height in SIZES:
        with subtests.test(width=width, height=height):
            screen = Region(0, 0, width, height)
            found = regions(at(width, height))
            for region in found:
                assert region.width > 0
                assert region.height > 0
                assert screen.contains_region(region)
            for index, one in enumerate(found):
                for other in found[index + 1 :]:
                    assert not one.overlaps(other), (one, other)
            assert at(width, height).body.height >= 4


@pytest.mark.parametrize(("width", "height"), [(39, 10), (40, 9), (1, 1)])
def test_a_till_does_not_fit_into_less(width: int, height: int) -> None:
    assert areas(width, height) is None


@pytest.mark.parametrize(("choices", "facts"), [(1, 0), (4, 4), (99, 0), (30, 5)])
def test_a_sheet_stands_between_status_and_total(choices: int, facts: int, subtests: pytest.Subtests) -> None:
    for width, height in SIZES:
        with subtests.test(width=width, height=height):
            screen = at(width, height)
            found = sheet(screen, choices=choices, facts=facts)
            assert found.band.y >= screen.status.bottom
            assert found.band.bottom == screen.total.y
            assert found.band.width == width
            assert found.choices.height >= 1
            assert found.band.contains_region(found.choices)
            assert not found.facts or found.band.contains_region(found.facts)
            assert not found.choices.overlaps(found.facts)


def test_the_sheet_of_the_look() -> None:
    found = sheet(at(120, 36), choices=4, facts=4)
    assert found.band == Region(0, 7, 120, 16)
    assert found.choices == Region(2, 13, 54, 7)
    assert found.facts == Region(60, 13, 58, 7)
    assert found.roomy


def test_a_screen_of_many_rows_gives_the_figure_more_of_them() -> None:
    assert at(200, 60).total == Region(2, 45, 54, 10)
    assert at(120, 47).total.height == 8
