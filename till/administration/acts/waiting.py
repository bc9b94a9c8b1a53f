"""Acts on conflicts about money, and on records that could not be applied, which wait for a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.administration.acts.act import Act, TypedAct
from till.administration.calls import AdministrationError
from till.domain.i18n import _
from till.domain.text import clean
from till.ports.desk import Prepared

if TYPE_CHECKING:
    from till.administration.calls import AtServer


class SettleConflict(Act, frozen=True):
    """Settle a conflict about money. It refunds nothing; `how` describes what a person did."""

    conflict: str
    how: str

    @override
    def do(self, at: AtServer) -> str:
        at.act("conflict_resolve_v1", self.conflict, self.how)
        return _("Settled. It is in the log.")


class SettleRecord(Act, frozen=True):
    """Settle a record that could not be applied. The record is kept, with its amount."""

    record: int
    how: str

    @override
    def do(self, at: AtServer) -> str:
        at.act("quarantine_resolve_v1", self.record, self.how)
        return _("Settled. It is in the log.")


class BookSale(Act, frozen=True):
    """Book a sale that is kept as a record, whatever its content. It then appears in the reports."""

    record: int

    @override
    def do(self, at: AtServer) -> str:
        at.act("quarantine_book_v1", self.record)
        return _("The sale is booked: the reports have it.")


class SettleTill(TypedAct, frozen=True):
    """Settle all conflicts and records of a till; 0 is the server. `how` describes what a person did."""

    words = (r"settle (?:all of )?(?:till 0*(?P<till>[1-9][0-9]{0,5})|server) (?P<how>.+)",)

    how: str
    till: int = 0

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        from till.reports.conflicts import read_conflicts

        waiting = read_conflicts(selects, at.store_id, limit=1)["waiting"]
        found = next((one for one in waiting if one["till"] == self.till), None)
        if found is None:
            raise AdministrationError(_("Till {n} has nothing waiting.").format(n=self.till))
        counts = ((_("Conflicts"), str(found["conflicts"])), (_("Records"), str(found["records"])))
        return Prepared(self, _("Settle all of till {n}").format(n=self.till), (*counts, (_("How"), clean(self.how))))

    @override
    def do(self, at: AtServer) -> str:
        settled = at.act("settle_till_v1", self.till, self.how)
        sentence = _("Settled: {conflicts} conflicts and {records} records of till {till}.")
        if settled["left"]:
            sentence = _("Settled: {conflicts} conflicts and {records} records of till {till}; {left} left.")
        return sentence.format(till=self.till, **settled)
