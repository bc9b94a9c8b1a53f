"""Logging out, and locking the screen after a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.text import capitalize_first
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import NoticeView
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.tabs.scene import TablesScene
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register
    from till.tui.shell.controller import Controller


def log_out(controller: Controller) -> None:
    """Log out. The order is kept and can be opened on every till."""
    register = controller.register
    scene = controller.under_lock or controller.scene
    order = scene.order if isinstance(scene, SellScene | TablesScene | PayScene) else None
    if order is not None and isinstance(scene, PayScene) and order.pending_payment is not None:
        order = None  # its answer finds it here
    person = register.access.person
    notice = None
    try:
        register.access.leave(order)
    except TillError as problem:
        if isinstance(scene, SellScene):
            controller.under_lock = None
            scene.message = refusal(problem.sentence)
            controller.go(scene)
        return
    if order is not None and order.has_lines_or_money and person is not None:
        lead = _("{name} is logged out.").format(name=person.name)
        where_kept = _kept(register, register.ledger.order(order.id), is_away=controller.answering is None)
        notice = NoticeView(lead, *where_kept, mark=Mark.GOOD)
    controller.under_lock = None
    controller.remote = None
    controller.cleared = []
    register.typed.clear()
    LoginScene(controller, notice=notice).show()


def _kept(register: Register, order: Order, *, is_away: bool) -> tuple[str, str]:
    """Return where the order is kept: for any till, offline for this one first, or by the till that took it over."""
    size = register.answers.counted(len(order.priced.rows), order.total, order.paid)
    holder = register.ledger.open_at(order)
    if order.status is Status.ASSIGNED_TO_TAB and order.tab is not None:
        sentence = _("{name} is kept: {size}.").format(name=capitalize_first(tab_name(order.tab.name)), size=size)
        here = _("F8 recalls it here, elsewhere once online.")
        return sentence, here if is_away else _("F8 recalls it, on any till.")
    if not order.is_open:
        return "", ""
    if holder not in {None, register.till}:
        return _("{till} has the order: {size}.").format(till=register.venue.till_name(holder), size=size), ""
    here = _("It opens at the next login here, elsewhere once online.")
    sentence = _("The order is kept: {size}.").format(size=size)
    return sentence, here if is_away else _("It opens at the next login, on any till.")


def lock(controller: Controller) -> None:
    """Lock the screen, keeping the order on it."""
    person = controller.register.access.person
    if isinstance(controller.scene, LoginScene):
        controller.scene.forget()
    if person is None or controller.under_lock is not None or controller.is_held:
        return
    scene = controller.scene
    while controller.sheets:
        controller.close()
    controller.under_lock = scene
    LoginScene(controller, locked=person).show()
