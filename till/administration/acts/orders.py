"""Acts on open orders of all users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from typing_extensions import override

from till.administration.acts.act import Act, OwnerAct, Typed
from till.administration.calls import AdministrationError
from till.domain.i18n import _, ngettext
from till.domain.payment.movement import PaymentState
from till.domain.text import clean
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.administration.calls import AtServer


_SESSION: Final = Typed("ID", _("The id of an order session, or its beginning."))


class OrderAct(Act, frozen=True):
    """An act on an order. `version` is the version that was shown; None if none was shown."""

    session: Annotated[str, _SESSION]
    version: int | None


class Suspend(OrderAct, frozen=True):
    """Suspend an open order for its user."""

    call = "order_session_update_v1"
    done = _("The order waits for its user.")
    status: ClassVar[str] = "pending_logout"

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.session, self.version, {"status": self.status}


class Resume(Suspend, frozen=True):
    """Resume a suspended order."""

    done = _("The order is open again for its user.")
    status = "active"


class GiveTo(OrderAct, frozen=True):
    """Suspend an order for another user."""

    call = "order_session_update_v1"
    done = _("The order waits for number {user}.")

    user: int

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.session, self.version, {"user": self.user}


class Discard(OrderAct, frozen=True):
    """Discard an open order session. Its row and events stay; a manager settles money taken on it."""

    shell = 'sessions close ID --reason "guest left"'
    call = "session_close_v1"
    done = _("The order is discarded. Its events stay.")

    reason: Annotated[str, Typed("R", _("The reason; it is kept with the order."), "--reason")]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        if self.version is not None:
            found = at.ask("session_show_v1", self.session)
            if found is not None and found["session"]["version"] != self.version:
                raise AdministrationError(_("This order has changed. Esc, and look again."))
        return self.session, self.reason

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        from till.administration.folded import order_of

        order, venue = order_of(at, self.session), at.venue()
        if order is None or not order.has_money:
            return
        taken = [payment for payment in order.payments.values() if payment.state is PaymentState.APPROVED]
        if not taken:
            yield _("A payment was under way on it: check its outcome at its till.")
            return
        where = ", ".join(dict.fromkeys(venue.till_name(payment.till) for payment in taken))
        sentence = _("{amount} was paid on it. A manager refunds it on {till}: Ctrl+O.")
        yield sentence.format(amount=formats_of(venue).money(order.paid), till=where)


class EraseTexts(OwnerAct, frozen=True):
    """Erase the free text of an order for good: names, notes, reasons, feedback.

    For a guest who is not a known customer. The sale itself stays, and every chain still verifies.
    """

    shell = _("sessions erase ID; till admin sessions list shows the id")
    call = "erase_v1"

    session: Annotated[str, _SESSION]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        found = at.ask("session_show_v1", self.session)
        return (found["session"]["id"] if found else clean(self.session),)

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        if not answer:
            return _("That order has no free text left.")
        return ngettext("{n} text is erased.", "{n} texts are erased.", answer).format(n=answer)
