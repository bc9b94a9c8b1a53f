"""Acts on open orders of all users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from typing_extensions import override

from till.administration.acts.act import AdminAction, OwnerAct, TypedAct
from till.administration.acts.guests import kept_in_words
from till.administration.calls import AdministrationError
from till.domain.i18n import N_, _, ngettext
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import ShellField
from till.reports.words import formats_of, money_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.administration.calls import AtServer
    from till.domain.venue import Venue


#: The most names of orders in a sentence.
_NAMED: Final = 3
#: The reasons why an order is not discarded with the others of its till, by the server's names.
_LEFT: Final = {
    "money": N_("{n} with money"),
    "till": N_("{n} of another till too"),
    "changed": N_("{n} changed since"),
}
_SESSION: Final = ShellField("ID", N_("The id of an order session, or its beginning."))


class OrderAct(AdminAction, frozen=True):
    """An act on an order. `version` is the version that was shown; None if none was shown."""

    session: Annotated[str, _SESSION]
    version: int | None


class Suspend(OrderAct, frozen=True):
    """Suspend an open order for its user."""

    call = "order_session_update_v1"
    done = N_("The order waits for its user.")
    status: ClassVar[str] = "pending_logout"

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.session, self.version, {"status": self.status}


class Resume(Suspend, frozen=True):
    """Resume a suspended order."""

    done = N_("The order is open again for its user.")
    status = "active"


class GiveTo(OrderAct, frozen=True):
    """Suspend an order for another user."""

    call = "order_session_update_v1"
    done = N_("The order waits for number {user}.")

    user: int

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.session, self.version, {"user": self.user}


class Discard(OrderAct, frozen=True):
    """Discard an open order session. Its row and events stay; a manager settles money taken on it."""

    shell = 'sessions close ID --reason "guest left"'
    call = "session_close_v1"
    done = N_("The order is discarded. Its events stay.")

    reason: Annotated[str, ShellField("R", N_("The reason; it is kept with the order."), "--reason")]

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


class CloseOrders(TypedAct, frozen=True):
    """Discard all open orders of a till at once, such as tabs made up with a stolen secret.

    Orders with money stay, and so do orders that another till wrote on: they are named.

    Attributes:
        before: the server's time at which the orders were shown; an order that changed since stays.
    """

    shell = 'tills close-orders 2 --reason "made up: the till was stolen"'
    words = (
        r"close orders of till 0*(?P<till>[1-9][0-9]{0,2})(?: older than (?P<older>[0-9]{1,5}) min)? (?P<reason>.+)",
    )
    helped = (
        ("close orders of till 3 made up", N_("All its open orders without money")),
        ("close orders of till 3 older than 60 min left", N_("Those that rested for an hour")),
    )
    confirms = True

    till: Annotated[int, ShellField("TILL", N_("The number of the till."), least=1, most=999)]
    reason: Annotated[str, ShellField("R", N_("The reason; it is kept with each order."), "--reason")]
    older: Annotated[
        int, ShellField("MINUTES", N_("Only orders with no activity for MINUTES."), "--older", least=0, most=99_999)
    ] = 0
    before: str = ""

    @override
    def look_up(self, at: AtServer) -> Prepared:
        found, venue = at.ask("orders_to_close_v1", self.till, self.older), at.venue()
        if not found["orders"]:
            sentence = _("Till {n} has no order to discard.").format(n=self.till)
            raise AdministrationError(" ".join(filter(None, (sentence, _left_words(found["left"])))))
        facts = (
            (_("Orders"), f"{found['orders']}, {_sums(found['sums'], venue)}"),
            (_("Named"), _names(found["names"], found["orders"])),
            (_("Stay"), _left_words(found["left"])),
            (_("Reason"), clean(self.reason)),
        )
        title = _("Discard all open orders of till {n}").format(n=self.till)
        return Prepared(replace(self, before=found["before"]), title, facts)

    @override
    def do(self, at: AtServer) -> str:
        done = at.act("orders_close_v1", self.till, self.before, self.reason)
        sentence = ngettext(
            "Discarded: {n} order of till {till}, {sums}.",
            "Discarded: {n} orders of till {till}, {sums}.",
            done["orders"],
        )
        sentence = sentence.format(n=done["orders"], till=self.till, sums=_sums(done["sums"], at.venue()))
        return " ".join(filter(None, (sentence, _left_words(done["left"]))))


def _sums(sums: dict[str, str], venue: Venue) -> str:
    """Return amounts of several currencies in words."""
    return " + ".join(money_text(venue, amount, currency) for currency, amount in sums.items()) or "0"


def _names(names: list[str], number: int) -> str:
    """Return the first of a number of names."""
    words = ", ".join(map(clean, names[:_NAMED]))
    return words if number <= _NAMED else _("{names} and {n} more").format(names=words, n=number - _NAMED)


def _left_words(left: list[dict[str, str]]) -> str:
    """Return the orders that stay, by the reason; empty if there are none."""
    parts = []
    for why, words in _LEFT.items():
        names = [one["name"] for one in left if one["why"] == why]
        if names:
            parts.append(f"{words.format(n=len(names))}: {_names(names, len(names))}.")
    return " ".join(parts)


class EraseTexts(OwnerAct, frozen=True):
    """Erase the free text of an order for good: names, notes, reasons, feedback.

    For a guest who is not a known customer. The sale itself stays, and every chain still verifies.
    """

    shell = N_("sessions erase ID; till admin sessions list shows the id")
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
        sentence = ngettext("{n} text is erased.", "{n} texts are erased.", answer).format(n=answer)
        return f"{sentence} {kept_in_words(at, session=self.session)}".rstrip()
