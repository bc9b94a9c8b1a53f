"""The stamps that a country's law gives to sales and refunds, each written with its sale or refund."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import convert, to_builtins
from typing_extensions import override

from till.domain.events.envelope import Draft, canonical
from till.domain.fiscal import FiscalStamp, Installation, IssuedInvoice, PaperStamp
from till.domain.i18n import _
from till.domain.order.events import OrderPlaced
from till.domain.order.evolve import ORDERS
from till.domain.order.paying import Completion, frozen_order
from till.domain.refund.events import RefundApproved
from till.domain.refund.state import REFUNDS
from till.domain.structs import replace
from till.domain.till.events import FiscalStamped, stream_of_till
from till.ports.fiscal import FiscalError
from till.register.fiscal.issued import issued_late, issued_refund, issued_sale
from till.register.fiscal.law import VenueLaw
from till.register.ledger.ledger import CommandHook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from till.domain.fiscal import FiscalWords
    from till.domain.fiscal_sending import StampWork
    from till.domain.order.state import Order
    from till.domain.settings import FiscalSetting
    from till.ports.fiscal import FiscalScheme, MendingScheme
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: The newest stamps on papers of other tills in the journal's cache, and how many.
_PAPERS: Final = "own.stamps"
_MOST_PAPERS: Final = 100


class FiscalStamps(VenueLaw, CommandHook):
    """The stamps of this till, by the law of the venue."""

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        super().__init__(ledger, reference)
        #: The newest stamp of this journal; None before it is read, and if there is none.
        self._newest: FiscalStamped | None = None

    def check(self, order: Order) -> None:
        """Refuse to take money for an order that no record of the law can hold.

        Raises:
            FiscalError: the invoice must name its buyer, or the law says why.
        """
        law = self.law
        if law is not None and self.is_barred():
            raise FiscalError(_("This till was revoked: take the money at another till."))
        if law is not None and order.buyer is None and law[1].asks_buyer(order.total):
            raise FiscalError(_("At the order, name its buyer: “invoice to Rao Ltd, 29X”."))
        self.check_buyer(order.buyer)
        if law is not None:
            self._try_record(order, *law)

    def _try_record(self, order: Order, setting: FiscalSetting, scheme: FiscalScheme) -> None:
        """Refuse an order that the law has no record for. A fault of the law itself refuses nothing."""
        completion = Completion(order_id=order.id, receipt="0-0", business_date=self.reference.today)
        issued = issued_sale(self.reference, self.ledger.now(), frozen_order(order, completion), order)
        try:
            scheme.stamp(issued, setting.settings, replace(self.installation, version=""), None)
        except FiscalError:
            raise
        except Exception:  # noqa: BLE001 - as at the sale itself
            _LOG.exception("record_not_tried")

    def words_of(self, of: str) -> FiscalWords | None:
        """Return the marks of the stamp of a sale, by its order id, or of a refund; None if it has none here."""
        name, stamp = self.stamp_of(of) or ("", None)
        scheme = self.scheme(name) if stamp is not None else None
        return scheme.words(stamp) if stamp is not None and scheme is not None else None

    def keep(self, stamps: Iterable[PaperStamp]) -> None:
        """Keep stamps that the server gave with an order, also over a restart."""
        kept = self._papers() | {one.of: to_builtins(one) for one in stamps}
        self.ledger.journal.cache(_PAPERS, 0, dict([*kept.items()][-_MOST_PAPERS:]))

    def _papers(self) -> dict[str, Any]:
        cached = self.ledger.journal.cached(_PAPERS)
        return dict(cached[1]) if cached is not None else {}

    def stamp_of(self, of: str) -> tuple[str, FiscalStamp] | None:
        """Return the law and the stamp of a sale or a refund; None if it is not on this disk."""
        if self._newest is not None and self._newest.of == of:
            return self._newest.scheme, _stamp(self._newest)
        found = self.ledger.journal.events_with(FiscalStamped.listed, f'"of":"{of}"')
        own = next((one.data for one in found if isinstance(one.data, FiscalStamped)), None)
        if own is not None:
            return own.scheme, _stamp(own)
        paper = self._papers().get(of)
        return (paper["scheme"], convert(paper, PaperStamp).stamp) if paper is not None else None

    @override
    def prepare(self, command: Command) -> None:
        """Stamp the sales and the given refunds of a command. The server tells of a sale without a stamp."""
        if self.reference.venue.settings.fiscal is None or not any(
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
        installation, before = self.installation, self.head()
        for issued in list(self._issued(command, setting, scheme)):
            stamp = scheme.stamp(issued, setting.settings, installation, before)
            command.write([self.draft(setting, installation, stamp, issued.of)])
            before = stamp

    def draft(self, setting: FiscalSetting, installation: Installation, stamp: FiscalStamp, of: str) -> Draft:
        """Return the record of a stamp."""
        data = FiscalStamped(
            chain=installation.journal,
            scheme=setting.scheme,
            kind=stamp.kind,
            of=of,
            number=stamp.number,
            fields=dict(stamp.fields),
            hash=stamp.hash,
            previous=stamp.previous,
            unsure=not self.ledger.is_heard,
            names=canonical(dict(stamp.names)) if stamp.names else "",
        )
        return Draft(data, stream_of_till(self.ledger.store_id, self.ledger.till))

    def do(self, work: StampWork) -> None:
        """Make a stamp of the sender, in its own chain.

        Raises:
            FiscalError: the law has no record for it.
        """
        if (law := self.law) is None:
            raise FiscalError(_("This program does not know the law of the venue."))
        setting, scheme = law
        ledger, at = self.ledger, self.reference.venue.local(self.ledger.now())
        installation = self.installation
        before, mending, own = self.head(), cast("MendingScheme", scheme), setting.settings
        if work.stamp is None:
            stamp = scheme.stamp(issued_late(work, at), own, installation, before)
        elif work.what == "annul":
            stamp = mending.annul(work.stamp, own, installation, before, at=at, held=work.held)
        else:
            flags = {"held": work.held, "refused": work.refused, "unregistered": work.unregistered}
            stamp = mending.correct(work.stamp, own, installation, before, at=at, **flags)
        ledger.commit([self.draft(setting, installation, stamp, work.of)])

    def head(self) -> FiscalStamp | None:
        """Return the newest stamp of the chain of this journal; None for the first. A replaced journal had its own."""
        if self._newest is None:
            newest = self.ledger.journal.newest(FiscalStamped.listed, 1)
            self._newest = next((one.data for one in newest if isinstance(one.data, FiscalStamped)), None)
        if self._newest is None or self._newest.chain != self.ledger.journal.journal_id:
            return None
        return _stamp(self._newest)

    def _issued(self, command: Command, setting: FiscalSetting, scheme: FiscalScheme) -> Iterator[IssuedInvoice]:
        """Yield the sales and given refunds of a command."""
        for event in command.events:
            if isinstance(event.data, OrderPlaced):
                yield issued_sale(self.reference, event.at, event.data, command.order(event.stream_id))
            elif isinstance(event.data, RefundApproved) and self.stamp_of(event.stream_id) is None:
                refund = command.state(REFUNDS, event.stream_id)
                order = command.state(ORDERS, event.data.session_id)
                if refund is None or order is None:
                    _LOG.error("refund_not_stamped", extra={"refund": event.stream_id})
                else:
                    _name, sold = self.stamp_of(refund.started.order_id) or ("", None)
                    yield issued_refund(self.reference, event, refund, order, (setting, scheme), sold)


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
