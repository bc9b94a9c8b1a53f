"""The till drawn without Textual, which shows the rows that Textual paints."""

from pathlib import Path

import pytest

from tests.tui.playing import FakeStore, a_till, elsewhere, row_of
from tests.tui.quiet import a_drawn_till

_STEPS = (
    *("1{enter}", "1111{enter}", "n", "{enter}", "2 idly{enter}", "masala dosa{enter}", "xyzzy{enter}", "{escape}dosa"),
    *("{enter}", "{escape}", "{f1}", "{down}", "{escape}", "{f4}", "{down}{right}", "{escape}", "{f6}", "3{enter}"),
    *("{f7}", "1{enter}", "{f3}", "10{enter}", "{escape}", "{escape}", "{f2}", "hot{enter}", "{ctrl+z}", "{ctrl+p}"),
    *("pay", "{escape}", "{f9}", "500", "{f1}", "{escape}", "{escape}s", "{right}", "{escape}", "{escape}"),
    *("{f9}c{enter}", "tea{enter}tab 7{enter}", "{f8}", "{down}", "{escape}", "{f5}", "{down}", "{right}", "{escape}"),
    *("{f10}", "{enter}", "{down}", "{escape}", "{escape}", "2 wada{enter}", "{f11}", "{escape}", "{f12}", "2{enter}"),
)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_each_step_of_an_evening_is_drawn_as_textual_paints_it(tmp_path: Path, size: tuple[int, int]) -> None:
    order, _events = elsewhere(tmp_path, ("idly", 3), ("tea", 1))
    seen: list[list[tuple[str, list[str]]]] = []
    for start in (a_till, a_drawn_till):
        (tmp_path / start.__name__).mkdir()
        async with start(tmp_path / start.__name__, size, store=FakeStore(sessions=[row_of(order)])) as till:
            rows = []
            for step in _STEPS:
                await till.type(step)
                till.app._tick()
                await till.settle()
                rows.append((f"{step} {type(till.scene).__name__}", till.rows()))
            seen.append(rows)
    for painted, drawn in zip(*seen, strict=True):
        assert drawn == painted
