"""The ways up, for whoever stands below: to the sell screen, to the login screen, to the help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.tui.counter import Ways
from till.tui.scenes.leaving import log_out
from till.tui.scenes.sell import SellScene
from till.tui.sheets.help import HelpSheet

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.counter import Counter, Helped
    from till.tui.desk import Desk
    from till.tui.view import Said


def _sell(counter: Counter, session_id: str | None, said: Said | None, sold: Order | None) -> None:
    counter.go(SellScene(counter, session_id, said, sold=sold))


def _help(counter: Counter, desk: Desk, helped: tuple[Helped, ...]) -> None:
    counter.open(HelpSheet(counter, desk, helped))


WAYS: Final = Ways(sell=_sell, log_out=log_out, help=_help)
