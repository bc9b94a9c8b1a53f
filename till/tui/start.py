"""Puts the app together: its screens, the ways between them, and what follows the other tills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.tui.screens.login.arrival import join_in
from till.tui.screens.login.crash_notice import crash_notice
from till.tui.screens.login.leaving import lock, log_out
from till.tui.screens.login.presenter import notice_of
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.login.screen import LoginScreen
from till.tui.screens.news import NewsReader
from till.tui.screens.pay.screen import PayScreen
from till.tui.screens.sales.screen import SalesScreen
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.sell.screen import SellScreen
from till.tui.screens.sheets.help import HelpSheet
from till.tui.screens.split.scene import SplitScene
from till.tui.screens.split.screen import SplitScreen
from till.tui.screens.tabs.screen import TablesScreen
from till.tui.shell.app import Parts, TillApp
from till.tui.shell.controller import Routes, Screens

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order
    from till.ports import Light, Store
    from till.register.register import Register
    from till.tui.drawing.palette import Paint
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.idle import IdleClock
    from till.tui.shell.keymap import Keymap


def make_app(
    register: Register,
    paint: Paint,
    keymap: Keymap,
    *,
    store: Store | None = None,
    idle_minutes: float = 5,
    after_paint: Callable[[], None] | None = None,
    notice: str = "",
    idle: IdleClock | None = None,
    on_key: Callable[[float], None] | None = None,
) -> TillApp:
    """Give the app with all its screens.

    Args:
        register: the till behind the screen.
        paint: the colours.
        keymap: which key is which command.
        store: the database's answers about other tills.
        idle_minutes: after how long without a key the screen locks.
        after_paint: called once, when the first screen stands: the network and all that is slow begin here.
        notice: what is to be said of the journal, when it was damaged; else it is said what a crash left.
        idle: is told of each key, for whoever waits for a moment without.
        on_key: told in how many seconds a key was painted.
    """

    def first(controller: Controller) -> LoginScene:
        said = notice_of(notice) if notice else None
        return LoginScene(controller, notice=said, left=crash_notice(register) if said is None else None)

    screens = Screens(LoginScreen(), SellScreen(), PayScreen(), SplitScreen(), SalesScreen(), TablesScreen())
    routes = Routes(sell=_sell, log_out=log_out, lock=lock, help=_help, split=_split, ask_waiting=join_in)
    parts = Parts(screens, routes, first, _watch)
    return TillApp(
        register,
        paint,
        keymap,
        parts,
        store=store,
        idle_minutes=idle_minutes,
        after_paint=after_paint,
        idle=idle,
        on_key=on_key,
    )


def _watch(controller: Controller, on_light: Callable[[Light], None]) -> NewsReader:
    news = NewsReader(controller, on_light)
    controller.register.watcher = news
    return news


def _sell(controller: Controller, session_id: str | None, said: StyledText | None, sold: Order | None) -> None:
    controller.go(SellScene(controller, session_id, said, sold=sold))


def _split(controller: Controller, session_id: str, guests: int) -> None:
    SplitScene(controller, session_id, guests, paying=True).show()


def _help(controller: Controller, screen: TillScreen, helped: tuple[Helped, ...]) -> None:
    controller.open(HelpSheet(controller, screen, helped))
