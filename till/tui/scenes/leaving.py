"""Going away: log out, lock after a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.counter import refusal
from till.tui.palette import Mark
from till.tui.scenes.login import LoginScene
from till.tui.scenes.sell import SellScene
from till.tui.view import NoticeView

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register
    from till.tui.counter import Counter


def log_out(counter: Counter) -> None:
    """Log out: the order is kept, and waits on every till."""
    register = counter.register
    scene = counter.under_lock or counter.scene
    order = scene.order if isinstance(scene, SellScene) else None
    person = register.access.person
    notice = None
    try:
        register.access.leave(order)
    except TillError as problem:
        if isinstance(scene, SellScene):
            counter.under_lock = None
            scene.said = refusal(problem.sentence)
            counter.go(scene)
        return
    if order is not None and not order.is_empty and person is not None:
        lead = _("{name} is logged out.").format(name=person.name)
        notice = NoticeView(lead, *_kept(register, register.ledger.order(order.id)), mark=Mark.GOOD)
    counter.under_lock = None
    counter.remote = None
    register.typed.clear()
    counter.go(LoginScene(counter, counter.desks.login, notice=notice))


def _kept(register: Register, order: Order) -> tuple[str, str]:
    """Where the order waits now: on any till, or on the one that took it over."""
    size, holder = register.answers.size(order), register.ledger.holder_of(order)
    if not order.is_open:
        return "", ""
    if holder not in {None, register.till}:
        return _("{till} has the order: {size}.").format(till=register.venue.till_name(holder), size=size), ""
    return _("The order is kept: {size}.").format(size=size), _("It opens at the next login, on any till.")


def lock(counter: Counter) -> None:
    """Lock the screen: the order stays where it is."""
    person = counter.register.access.person
    if person is None or counter.under_lock is not None or counter.is_held:
        return
    scene = counter.scene
    while counter.sheets:
        counter.close()
    counter.under_lock = scene
    counter.go(LoginScene(counter, counter.desks.login, locked=person))
