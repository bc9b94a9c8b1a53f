"""The stamps that a country's law gives to sales and refunds, each written with its sale or refund."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import convert, to_builtins
from typing_extensions import override

from till.domain.errors import ConfigError
from till.domain.events.envelope import Draft, canonical
from till.domain.fiscal import FiscalStamp, Installation, IssuedInvoice, PaperStamp, Rectified
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.numbers import INVOICES, TICKETS
from till.domain.order.events import OrderPlaced
from till.domain.order.evolve import ORDERS
from till.domain.order.paying import Completion, frozen_order
from till.domain.order.selling import issue_invoice
from till.domain.refund.events import RefundApproved
from till.domain.refund.state import REFUNDS
from till.domain.structs import replace
from till.domain.till.events import FiscalStamped, stream_of_till
from till.ports import LightState
from till.ports.fiscal import FiscalError
from till.register.ledger.ledger import CommandHook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.fiscal import FiscalWords
    from till.domain.fiscal_sending import StampWork
    from till.domain.order.state import Buyer, Invoice, Order, Placed
    from till.domain.refund.state import Refund
    from till.domain.settings import FiscalSetting
    from till.ports import Light
    from till.ports.fiscal import FiscalScheme, MendingScheme
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: The refusals after which this till is no installation of the venue, and their name in the journal's cache.
_BARRED: Final = frozenset({"till_revoked", "journal_retired"})
_KEPT: Final = "own.barred"
#: The newest stamps on papers of other tills in the journal's cache, and how many.
_PAPERS: Final = "own.stamps"
_MOST_PAPERS: Final = 100


class FiscalStamps(CommandHook):
    """The stamps of this till. Without a law of the venue, nothing is loaded, read or written.

    Args:
        ledger: the write path.
        reference: the venue, which names its law.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        self._find: Callable[[str], FiscalScheme | None] | None = None
        self._version = ""
        self._schemes: dict[str, FiscalScheme | None] = {}
        #: The newest stamp of this journal; None before it is read, and if there is none.
        self._newest: FiscalStamped | None = None

    def begin(self, find: Callable[[str], FiscalScheme | None], version: str) -> None:
        """Stamp from now on. `find` loads a law; `version` is that of this program. A replay never begins."""
        self._find, self._version = find, version

    @property
    def law(self) -> tuple[FiscalSetting, FiscalScheme] | None:
        """The law of this day of the calendar, with its module; None if there is none. A training has none."""
        venue = self._reference.venue
        setting = venue.settings.fiscal
        if setting is None or venue.training or self._find is None:
            return None
        if venue.local(self._ledger.now()).date().isoformat() < setting.since:
            return None
        scheme = self._scheme(setting.scheme)
        return (setting, scheme) if scheme is not None else None

    def load(self) -> None:
        """Load the law of the venue, in a thread of its own, so that no sale waits for its module."""
        if (setting := self._reference.venue.settings.fiscal) is not None:
            self._scheme(setting.scheme)

    def _scheme(self, name: str) -> FiscalScheme | None:
        if name not in self._schemes and self._find is not None:
            self._schemes[name] = self._find(name)
            if self._schemes[name] is None:
                _LOG.error("law_not_found", extra={"scheme": name})
        return self._schemes.get(name)

    def check(self, order: Order) -> None:
        """Refuse to take money for an order that no record of the law can hold.

        Raises:
            FiscalError: the invoice must name its buyer, or the law says why.
        """
        law = self.law
        if law is not None and self._is_barred():
            raise FiscalError(_("This till was revoked: take the money at another till."))
        if law is not None and order.buyer is None and law[1].asks_buyer(order.total):
            raise FiscalError(_("At the order, name its buyer: “invoice to Rao Ltd, 29X”."))
        self.check_buyer(order.buyer)
        if law is not None:
            self._try_record(order, *law)

    def _try_record(self, order: Order, setting: FiscalSetting, scheme: FiscalScheme) -> None:
        """Refuse an order that the law has no record for. A fault of the law itself refuses nothing."""
        ledger = self._ledger
        day = self._reference.today
        placed = frozen_order(order, Completion(order_id=order.id, receipt="0-0", business_date=day))
        issued = self._sale(ledger.now(), placed, order)
        try:
            scheme.stamp(issued, setting.settings, Installation(ledger.journal.journal_id, ledger.till, ""), None)
        except FiscalError:
            raise
        except Exception:  # noqa: BLE001 - as at the sale itself
            _LOG.exception("record_not_tried")

    def series(self, order: Order) -> str:
        """Return the series of the number of a sale. A law may have one for full invoices, which name a buyer."""
        law = self.law if order.buyer is not None else None
        return INVOICES if law is not None and INVOICES in law[1].law(law[0].settings).series else TICKETS

    @property
    def doubt(self) -> str:
        """The sentence on a clock that is not sure, while a law wants the time of each invoice; empty for none."""
        if self.law is None or self._ledger.is_heard:
            return ""
        return _("Offline since the start: is this clock right to the minute?")

    def hear(self, light: Light) -> None:
        """Keep that the server refuses this till, also over a restart, until it is enrolled again."""
        if self._reference.venue.settings.fiscal is None:
            return
        barred = light.code in _BARRED
        if barred != self._is_barred() and (barred or light.state is LightState.SAVED):
            self._ledger.journal.cache(_KEPT, 0, {"barred": barred})

    def _is_barred(self) -> bool:
        cached = self._ledger.journal.cached(_KEPT)
        return cached is not None and bool(cached[1]["barred"])

    def check_buyer(self, buyer: Buyer | None) -> None:
        """Refuse a buyer whom no record of the law can name.

        Raises:
            FiscalError: says what to type.
        """
        if (law := self.law) is not None and buyer is not None:
            try:
                law[1].check_buyer(buyer, law[0].settings)
            except ConfigError as problem:
                raise FiscalError(problem.sentence) from problem

    def check_invoice(self, order: Order, sold: Placed, buyer: Buyer) -> None:
        """Refuse a full invoice for a ticket that is paid, which no record of the law can hold.

        Raises:
            FiscalError: says why.
        """
        setting, scheme = self._law_of_invoices()
        if self._is_barred():
            raise FiscalError(_("This till was revoked: make the invoice at another till."))
        if (made := order.invoices.get(sold.data.order_id)) is not None:
            raise FiscalError(_("Its invoice is {number}.").format(number=made.number))
        self.check_buyer(buyer)
        issued = self._exchange(self._ledger.now(), sold, order, buyer)
        scheme.stamp(issued, setting.settings, self._installation, None)

    def issue_invoice(self, order: Order, sold: Placed, buyer: Buyer) -> Invoice:
        """Issue a full invoice for a ticket that is paid, once the server has claimed it for this till.

        Raises:
            FiscalError: the law has no record for it. Nothing is written.
        """
        self.check_invoice(order, sold, buyer)
        setting, scheme = self._law_of_invoices()
        with self._ledger.command() as command:
            command.write(issue_invoice(order, sold.data, self._ledger.next_number(INVOICES), buyer))
            made = command.order(order.id).invoices[sold.data.order_id]
            issued = replace(self._exchange(made.at, sold, order, made.buyer), of=made.event, number=made.number)
            stamp = scheme.stamp(issued, setting.settings, self._installation, self._head())
            command.write([self._draft(setting, self._installation, stamp, made.event)])
        return made

    def _law_of_invoices(self) -> tuple[FiscalSetting, FiscalScheme]:
        law = self.law
        if law is None or INVOICES not in law[1].law(law[0].settings).series:
            raise FiscalError(_("Refund it, and sell it again with “invoice to Rao Ltd”."))
        return law

    def _exchange(self, at: datetime, sold: Placed, order: Order, buyer: Buyer) -> IssuedInvoice:
        """Return the full invoice for a ticket.

        Raises:
            FiscalError: the stamp of the ticket is not here.
        """
        _scheme, stamp = self._stamp_of(sold.data.order_id) or ("", None)
        if stamp is None:
            raise FiscalError(_("Its record is not here. Wait, or refund and sell it again."))
        return replace(self._sale(at, sold.data, order), buyer=buyer, replaces=stamp)

    def invoice_of(self, order: Order, order_id: str) -> str:
        """Return the number of the full invoice for a ticket, as its paper has it; empty for none."""
        made = order.invoices.get(order_id)
        words = self.words_of(made.event) if made is not None else None
        return words.number if words is not None else made.number if made is not None else ""

    @property
    def _installation(self) -> Installation:
        return Installation(self._ledger.journal.journal_id, self._ledger.till, self._version)

    def words_of(self, of: str) -> FiscalWords | None:
        """Return the marks of the stamp of a sale, by its order id, or of a refund; None if it has none here."""
        name, stamp = self._stamp_of(of) or ("", None)
        scheme = self._scheme(name) if stamp is not None else None
        return scheme.words(stamp) if stamp is not None and scheme is not None else None

    def keep(self, stamps: Iterable[PaperStamp]) -> None:
        """Keep stamps that the server gave with an order, also over a restart."""
        kept = self._papers() | {one.of: to_builtins(one) for one in stamps}
        self._ledger.journal.cache(_PAPERS, 0, dict([*kept.items()][-_MOST_PAPERS:]))

    def _papers(self) -> dict[str, Any]:
        cached = self._ledger.journal.cached(_PAPERS)
        return dict(cached[1]) if cached is not None else {}

    def _stamp_of(self, of: str) -> tuple[str, FiscalStamp] | None:
        """Return the law and the stamp of a sale or a refund; None if it is not on this disk."""
        if self._newest is not None and self._newest.of == of:
            return self._newest.scheme, _stamp(self._newest)
        found = self._ledger.journal.events_with(FiscalStamped.listed, f'"of":"{of}"')
        own = next((one.data for one in found if isinstance(one.data, FiscalStamped)), None)
        if own is not None:
            return own.scheme, _stamp(own)
        paper = self._papers().get(of)
        return (paper["scheme"], convert(paper, PaperStamp).stamp) if paper is not None else None

    @override
    def prepare(self, command: Command) -> None:
        """Stamp the sales and the given refunds of a command. The server tells of a sale without a stamp."""
        if self._reference.venue.settings.fiscal is None or not any(
            isinstance(one.data, OrderPlaced | RefundApproved) for one in command.events
        ):
            return
        if (law := self.law) is not None:
            self._stamp(command, *law)

    @override
    def follow(self, command: Command) -> None:
        """Go on after the stamps that are on disk."""
        for event in command.events:
            if isinstance(event.data, FiscalStamped):
                self._newest = event.data

    def _stamp(self, command: Command, setting: FiscalSetting, scheme: FiscalScheme) -> None:
        installation, before = self._installation, self._head()
        for issued in list(self._issued(command, setting, scheme)):
            stamp = scheme.stamp(issued, setting.settings, installation, before)
            command.write([self._draft(setting, installation, stamp, issued.of)])
            before = stamp

    def _draft(self, setting: FiscalSetting, installation: Installation, stamp: FiscalStamp, of: str) -> Draft:
        data = FiscalStamped(
            chain=installation.journal,
            scheme=setting.scheme,
            kind=stamp.kind,
            of=of,
            number=stamp.number,
            fields=dict(stamp.fields),
            hash=stamp.hash,
            previous=stamp.previous,
            unsure=not self._ledger.is_heard,
            names=canonical(dict(stamp.names)) if stamp.names else "",
        )
        return Draft(data, stream_of_till(self._ledger.store_id, self._ledger.till))

    def do(self, work: StampWork) -> None:
        """Make a stamp of the sender, in its own chain.

        Raises:
            FiscalError: the law has no record for it.
        """
        if (law := self.law) is None:
            raise FiscalError(_("This program does not know the law of the venue."))
        setting, scheme = law
        ledger, at = self._ledger, self._reference.venue.local(self._ledger.now())
        installation = self._installation
        before, mending, own = self._head(), cast("MendingScheme", scheme), setting.settings
        if work.stamp is None:
            stamp = scheme.stamp(_issued_late(work, at), own, installation, before)
        elif work.what == "annul":
            stamp = mending.annul(work.stamp, own, installation, before, at=at, held=work.held)
        else:
            flags = {"held": work.held, "refused": work.refused, "unregistered": work.unregistered}
            stamp = mending.correct(work.stamp, own, installation, before, at=at, **flags)
        ledger.commit([self._draft(setting, installation, stamp, work.of)])

    def _head(self) -> FiscalStamp | None:
        """Return the newest stamp of the chain of this journal; None for the first. A replaced journal had its own."""
        if self._newest is None:
            newest = self._ledger.journal.newest(FiscalStamped.listed, 1)
            self._newest = next((one.data for one in newest if isinstance(one.data, FiscalStamped)), None)
        if self._newest is None or self._newest.chain != self._ledger.journal.journal_id:
            return None
        return _stamp(self._newest)

    def _issued(self, command: Command, setting: FiscalSetting, scheme: FiscalScheme) -> Iterator[IssuedInvoice]:
        """Yield the sales and given refunds of a command."""
        for event in command.events:
            if isinstance(event.data, OrderPlaced):
                yield self._sale(event.at, event.data, command.order(event.stream_id))
            elif isinstance(event.data, RefundApproved) and self._stamp_of(event.stream_id) is None:
                refund = command.state(REFUNDS, event.stream_id)
                order = command.state(ORDERS, event.data.session_id)
                if refund is None or order is None:
                    _LOG.error("refund_not_stamped", extra={"refund": event.stream_id})
                else:
                    yield self._refund(event, refund, order, setting, scheme)

    def _sale(self, at: datetime, placed: OrderPlaced, order: Order) -> IssuedInvoice:
        return IssuedInvoice(
            what="sale",
            of=placed.order_id,
            number=placed.receipt,
            at=self._reference.venue.local(at),
            currency=placed.currency,
            net=placed.net,
            tax=placed.tax,
            total=placed.total,
            taxes=placed.taxes,
            buyer=order.buyer,
        )

    def _refund(
        self, event: Event, refund: Refund, order: Order, setting: FiscalSetting, scheme: FiscalScheme
    ) -> IssuedInvoice:
        started, local = refund.started, self._reference.venue.local
        currency = Currency(started.currency)
        sold = next(one for one in order.placings if one.data.order_id == started.order_id)
        _scheme, stamp = self._stamp_of(started.order_id) or ("", None)
        number = started.sold  # as its paper has it: without the prefix before the law's first day
        if stamp is not None:
            number = stamp.number
        elif local(sold.at).date().isoformat() >= setting.since:
            number = scheme.number_of(number, setting.settings)
        return IssuedInvoice(
            what="refund",
            of=refund.id,
            number=started.receipt,
            at=local(event.at),
            currency=started.currency,
            net=started.net,
            tax=started.tax,
            total=currency.text(Minor(currency.minor(started.net) + currency.minor(started.tax))),
            taxes=started.taxes,
            buyer=order.buyer,
            rectifies=Rectified(
                number,
                local(sold.at).date(),
                stamp.kind if stamp is not None else "",
                untaxed=_has_untaxed(sold.data, currency),
            ),
        )


def _issued_late(work: StampWork, at: datetime) -> IssuedInvoice:
    """Return the request of a sale or refund that the sender stamps: it is issued now."""
    sold = work.sold
    return IssuedInvoice(
        what="refund" if work.what == "refund" else "sale",
        of=work.of,
        number=work.number,
        at=at,
        currency=work.currency,
        net=work.net,
        tax=work.tax,
        total=work.total,
        taxes=work.taxes,
        buyer=work.buyer,
        rectifies=Rectified(sold.number, sold.at.astimezone(at.tzinfo).date(), sold.kind, untaxed=sold.untaxed)
        if sold is not None
        else None,
    )


def _has_untaxed(placed: OrderPlaced, currency: Currency) -> bool:
    """Return True if no rate was charged on a part of a sale, as `cold.has_untaxed` in SQL."""
    rated = (one for one in placed.taxes if one.rate is not None)
    return sum(currency.minor(one.net or "0") + currency.minor(one.tax) for one in rated) != currency.minor(
        placed.total
    )


def _stamp(data: FiscalStamped) -> FiscalStamp:
    """Return the record of an event."""
    return FiscalStamp(
        kind=data.kind,
        number=data.number,
        fields=data.fields,
        names=json.loads(data.names) if data.names else {},
        previous=data.previous,
        hash=data.hash,
    )
