"""Looking around takes no shift: an order in which nothing was keyed ends without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_quiet_till

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_look_at_the_menu_opens_no_shift(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f4}{down}{escape}{f12}") as till:
        assert till.register.ledger.shift is None
