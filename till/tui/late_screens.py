"""The parts behind the login screen: the other screens, the ways between them, and the watcher of other tills.

Loading them takes a tenth of the start time, so it is done after the login screen is painted, or at an earlier key.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

import till.tui.screens.drawer.acts  # noqa: F401 - the commands import it at their first use; a close keeps no key waiting
from till.tui.screens.login.arrival import arrive, join_in, unlock
from till.tui.screens.login.leaving import lock, log_out
from till.tui.screens.news import NewsReader
from till.tui.screens.notices import NoticesScreen
from till.tui.screens.pay.screen import PayScreen
from till.tui.screens.sales.screen import SalesScreen
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.sell.screen import SellScreen
from till.tui.screens.sheets.help import HelpSheet
from till.tui.screens.split.scene import SplitScene
from till.tui.screens.split.screen import SplitScreen
from till.tui.screens.split.state import Manner, who_pays
from till.tui.screens.stock.put_back import ask_back
from till.tui.screens.stock.stocktake import open_stocktake
from till.tui.screens.tabs.screen import TablesScreen
from till.tui.screens.train import TrainScreen, arrive_in_training, end_drill
from till.tui.shell.app import Further
from till.tui.shell.controller import Routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order
    from till.ports import Light
    from till.register.quick_entry.intents import Split
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.controller import Controller, Helped


def further() -> Further:
    """Make the screens, the routes and the watcher."""
    routes = Routes(
        arrive=arrive,
        unlock=unlock,
        sell=_sell,
        log_out=log_out,
        lock=lock,
        help=_help,
        split=_split,
        who_pays=_who_pays,
        ask_waiting=join_in,
    )
    return Further(
        (SellScreen(), PayScreen(), SplitScreen(), SalesScreen(), TablesScreen(), NoticesScreen()), routes, _watch
    )


def for_training() -> Further:
    """Make the screens of a training: those of a till, with a guest on the sell screen, and the screen between drills.

    A login leads to the drills, and logging out ends a drill.
    """
    till = further()
    routes = replace(till.routes, arrive=arrive_in_training, log_out=end_drill)
    screens = (one for one in till.screens if not isinstance(one, SellScreen))
    return replace(till, screens=(SellScreen(trains=True), TrainScreen(), *screens), routes=routes)


def _watch(controller: Controller, on_light: Callable[[Light], None]) -> NewsReader:
    news = NewsReader(controller, on_light)
    controller.register.watcher = news
    controller.register.put_back.ask = partial(ask_back, controller)
    controller.register.open_stocktake = partial(open_stocktake, controller)
    return news


def _sell(controller: Controller, session_id: str | None, message: StyledText | None, sold: Order | None) -> None:
    controller.go(SellScene(controller, session_id, message, sold=sold))


def _split(controller: Controller, session_id: str, asked: Split, typed: str) -> None:
    manner = Manner.ITEMS if asked.items else Manner.EVEN if asked.guests else None
    SplitScene(controller, session_id, asked.guests, paying=True, manner=manner, typed=typed).show()


def _who_pays(controller: Controller, order: Order) -> str:
    return who_pays(controller.register.draft_split, order)


def _help(controller: Controller, screen: TillScreen, helped: tuple[Helped, ...]) -> None:
    controller.open(HelpSheet(controller, screen, helped))
