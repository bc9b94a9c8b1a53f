"""The nine pictures of the look, drawn from fixed views. `python -m tests.tui.drawing.gallery NAME` shows one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from tests.tui.drawing.arriving import LoginPicture
from tests.tui.drawing.paying import PayPicture, ZPicture
from tests.tui.drawing.selling import MenuPicture, SellPicture, TakeoverPicture
from tests.tui.drawing.stock import LONG_ORDER, NOON, ORDER, SMALL_ORDER, STATUS, SUGGESTIONS, styled, total
from till.tui.drawing.palette import Depth, Mark, Paint
from till.tui.drawing.themed import ThemedApp
from till.tui.drawing.viewmodels import (
    EntryView,
    HeadView,
    OrderView,
    StyledText,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from till.tui.drawing.screen_base import ScreenBase

S = TypeVar("S", bound="ScreenBase[None]")


def sell(text: str = "2 dosa") -> SellPicture:
    return SellPicture(
        ORDER,
        total("470.00", "10 items", "22.38", "Total 470.00 rupees, 10 items."),
        EntryView(text, len(text), styled("Added 1 × Masala Dosa. Total ₹470.00."), SUGGESTIONS),
    )


def sell_small() -> SellPicture:
    return SellPicture(
        SMALL_ORDER,
        total("240.00", "5 items", "11.43", "Total 240.00 rupees, 5 items."),
        EntryView("2 dosa", 6, styled("Added 1 × Masala Dosa. Total ₹240.00."), SUGGESTIONS[:2]),
    )


def offline() -> SellPicture:
    light = StyledText("offline since 14:01, keep selling", mark=Mark.OFFLINE)
    return SellPicture(
        LONG_ORDER,
        total("859.50", "23 items, 1 line void", "40.93", "Total 859.50 rupees, 23 items."),
        EntryView(answer=styled("Discount of 10 % on the order. Total ₹859.50.")),
        status=replace(STATUS, daypart="Lunch", time="14:09", light=light),
        head=HeadView("Order", "table 7"),
        board=NOON,
    )


def empty(screen: type[SellPicture]) -> SellPicture:
    nothing = OrderView(empty=("No lines yet.", "Type 2 idly, a number, or scan."))
    return screen(nothing, total("0.00", "0 items", "0.00", "Total 0.00 rupees, no items."), EntryView())


@dataclass(frozen=True)
class Scene:
    screen: Callable[[], ScreenBase[None]]
    size: tuple[int, int] = (120, 36)
    theme: str = "dark"
    depth: Depth = Depth.TRUE
    plain: bool = False


SCENES = {
    "sell-120x36": Scene(sell),
    "sell-80x24": Scene(sell_small, (80, 24)),
    "sell-offline": Scene(offline),
    "sell-light": Scene(sell, theme="light"),
    "sell-contrast": Scene(sell, theme="contrast"),
    "login": Scene(LoginPicture),
    "pay": Scene(PayPicture),
    "takeover": Scene(lambda: empty(TakeoverPicture)),
    "z-report": Scene(ZPicture),
    # Beyond the nine: the same on other sizes and terminals.
    "offline-80x24": Scene(offline, (80, 24)),
    "login-80x24": Scene(LoginPicture, (80, 24)),
    "pay-80x24": Scene(PayPicture, (80, 24)),
    "takeover-80x24": Scene(lambda: empty(TakeoverPicture), (80, 24)),
    "menu-80x24": Scene(lambda: empty(MenuPicture), (80, 24)),
    "z-report-80x24": Scene(ZPicture, (80, 24)),
    "offline-160x50": Scene(offline, (160, 50)),
    "sell-120x24": Scene(sell, (120, 24)),
    "sell-60x16": Scene(sell, (60, 16)),
    "sell-40x10": Scene(sell, (40, 10)),
    "sell-39x9": Scene(sell, (39, 9)),
    "sell-16-colours": Scene(sell, depth=Depth.SIXTEEN),
    "offline-16-colours-light": Scene(offline, theme="light", depth=Depth.SIXTEEN),
    "sell-no-colour": Scene(sell, depth=Depth.NONE),
    "pay-contrast": Scene(PayPicture, theme="contrast"),
    "offline-plain": Scene(offline, plain=True),
    "takeover-plain-80x24": Scene(lambda: empty(TakeoverPicture), (80, 24), plain=True),
}


class Gallery(ThemedApp[None]):
    """An app that shows one scene."""

    pilot: Pilot[None]

    def __init__(self, scene: Scene) -> None:
        super().__init__(Paint(scene.theme, scene.depth, plain=scene.plain))
        self.scene = scene

    def shown(self, kind: type[S]) -> S:
        """The screen, which must be of this kind."""
        screen = self.screen
        assert isinstance(screen, kind)
        return screen

    def get_default_screen(self) -> ScreenBase[None]:
        return self.scene.screen()


if __name__ == "__main__":
    Gallery(SCENES[sys.argv[1]]).run()
