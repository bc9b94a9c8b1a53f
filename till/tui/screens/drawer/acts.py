"""The acts on the drawer and the shift, by word and from the sheet of the drawer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import CASH
from till.register import guest_cash, shift_words
from till.tui.screens.drawer.close_sheet import CloseSheet
from till.tui.screens.drawer.count_sheet import CountSheet
from till.tui.screens.drawer.guest_cash_sheet import GuestCashSheet
from till.tui.screens.drawer.sheet import DrawerSheet, move
from till.tui.screens.drawer.sums_sheet import TotalsSheet
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.guest_search import OwnerSheet
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.domain.order.state import Customer
    from till.domain.shift.events import MovementKind
    from till.domain.staff.rights import Approval
    from till.ports import Store
    from till.register.guest_cash import GuestCash
    from till.tui.screens.sheets.selling import Selling


def show_drawer(scene: Selling) -> None:
    """Show the drawer; while no shift is open, its count."""
    drawer = scene.controller.register.drawer
    drawer.check()
    if drawer.shift() is None:
        count_form(scene)
    else:
        scene.controller.open(DrawerSheet(scene.controller, scene))


def count_form(scene: Selling) -> None:
    """Ask what lies in the drawer."""
    scene.controller.register.drawer.check()
    scene.controller.open(CountSheet(scene.controller, scene))


def move_cash(scene: Selling, kind: MovementKind, amount: Minor, words: str) -> None:
    """Move cash in or out by hand; beyond the balance a sheet asks first."""
    if scene.controller.register.drawer.is_beyond(kind, amount):
        typed = f"{scene.controller.register.formats.amount(amount)} {words}".strip()
        scene.controller.open(DrawerSheet(scene.controller, scene, kind, typed))
    else:
        move(scene, kind, amount, words)


def pay_off(scene: Selling, who: str = "", amount: Minor | None = None) -> None:
    """Take cash for a house account: find it at the server, show what is owed, and Enter takes it."""
    controller, formats = scene.controller, scene.controller.register.formats

    def look(owner: Customer) -> None:
        async def found(store: Store, typed: str) -> GuestCash:
            paid = formats.minor(typed) if typed else amount
            return await guest_cash.debt(store, owner.id or "", owner.name, paid, formats)

        sheet = GuestCashSheet(controller, scene.screen, _("House account"), found, partial(_take, scene))
        sheet.look("", at_once=True)

    _check_answering(scene)
    sheet = OwnerSheet(controller, scene.screen, who, look)
    controller.open(sheet)
    if who:
        sheet.press(KeyPress("enter"))


def sell_voucher(scene: Selling, code: str = "") -> None:
    """Take cash for a voucher that was issued unpaid: ask the server for its price, and Enter takes it."""
    controller, formats = scene.controller, scene.controller.register.formats

    async def found(store: Store, typed: str) -> GuestCash:
        return await guest_cash.unpaid_voucher(store, typed, formats)

    _check_answering(scene)
    sheet = GuestCashSheet(controller, scene.screen, _("Voucher"), found, partial(_take, scene))
    sheet.look(code, at_once=bool(code))


def _check_answering(scene: Selling) -> None:
    """Refuse if the server cannot be asked now."""
    if scene.controller.answering is None:
        raise guest_cash.away()


def _take(scene: Selling, cash: GuestCash) -> None:
    register = scene.controller.register

    def act(approval: Approval | None) -> None:
        register.drawer.take(cash, approval)
        scene.offer_paper(guest_cash.guest_cash_sentence(cash, register.formats))

    with_right(scene.controller, scene.screen, guest_cash.title(cash, register.formats), act)


def count_drawer(scene: Selling, amount: Minor, taken: Minor = NOTHING, to: str = "", is_float: bool = False) -> None:
    """Record what lies in the drawer. A second count of a shift needs a manager."""
    controller = scene.controller
    register = controller.register

    def act(approval: Approval | None) -> None:
        results = register.drawer.count(
            {CASH: amount}, {CASH: taken} if taken else {}, to=to, is_float=is_float, approval=approval
        )
        controller.count_begun = None
        scene.message = plain(shift_words.count_sentence(register.formats, register.checkout.tenders.label_of, results))

    with_right(controller, scene.screen, _("Count the drawer again"), act)


def open_drawer(scene: Selling) -> None:
    """Open the drawer without a sale."""
    _open(scene, _("Open the drawer without a sale"), for_change=False)


def change_note(scene: Selling) -> None:
    """Open the drawer to change a note: as much goes out as comes in."""
    _open(scene, _("Open the drawer to change a note"), for_change=True)


def _open(scene: Selling, title: str, *, for_change: bool) -> None:
    register = scene.controller.register

    def act(approval: Approval | None) -> None:
        register.drawer.no_sale(approval=approval, why="change" if for_change else "no_sale")
        sentence = shift_words.open_drawer_sentence(is_kicked=register.printing.kicks.are_on, for_change=for_change)
        scene.message = plain(sentence)

    with_right(scene.controller, scene.screen, title, act)


def show_x(scene: Selling) -> None:
    """Show the sums of the open shift; between two shifts the last Z, with its cash once that is counted."""
    show_z(scene, "")


def show_z(scene: Selling, number: str) -> None:
    """Show a Z by its number; Enter prints it."""
    shift = scene.controller.register.drawer.find(number)
    scene.controller.open(TotalsSheet(scene.controller, scene.screen, shift))


def close_shift(scene: Selling) -> None:
    """Ask once, with the open orders that this till holds, and close the shift with its Z."""
    scene.controller.open(CloseSheet(scene.controller, scene))
