"""Acts on conflicts about money, and on records that could not be applied, which wait for a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from typing_extensions import override

from till.administration.acts.act import AdminAction, OwnerAct, TypedAct
from till.administration.calls import AdministrationError
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import ShellField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.administration.calls import AtServer


_RECORD: Final = ShellField("ID", N_("The number of a record."), least=1)


class SettleConflict(AdminAction, frozen=True):
    """Mark a conflict about money as settled. This moves no money; it records what you did."""

    shell = 'conflicts resolve ID --how "refunded in cash"'
    call = "conflict_resolve_v1"
    done = N_("Settled. It is in the log.")

    conflict: Annotated[str, ShellField("ID", N_("The id of a conflict."), is_id=True)]
    how: Annotated[str, ShellField("TEXT", N_("How it was settled; it is kept with the conflict."), "--how")]


class BookSale(AdminAction, frozen=True):
    """Book a waiting sale, whatever it lists: its sums must agree. Or a correction of another till's payment."""

    shell = N_("quarantine book 3, when the guest paid and the money is in the drawer.")
    call = "quarantine_book_v1"
    done = N_("Booked: the reports have it.")

    record: Annotated[int, _RECORD]


class SettleRecord(AdminAction, frozen=True):
    """Settle a record without applying it. The record is kept with its amount."""

    shell = 'quarantine resolve 3 --how "refunded in cash"'
    call = "quarantine_resolve_v1"
    done = N_("Settled. It is in the log.")

    record: Annotated[int, _RECORD]
    how: Annotated[str, ShellField("TEXT", N_("How it was settled; it is kept with the record."), "--how")]


class RetryRecord(OwnerAct, frozen=True):
    """Retry to apply a record. The result is its row, with `applied`."""

    call = "quarantine_retry_v1"

    record: int


class SettleTill(TypedAct, frozen=True):
    """Settle all conflicts and records of a till at once, such as those forged with a stolen secret."""

    shell = 'tills settle 3 --how "made up: the till was stolen"'
    call = "settle_till_v1"
    of_owner = True
    words = (r"settle (?:all of )?(?:till 0*(?P<till>[1-9][0-9]{0,5})|server) (?P<how>.+)",)

    how: Annotated[str, ShellField("TEXT", N_("How they were settled; it is kept with each one."), "--how")]
    till: Annotated[int, ShellField("TILL", N_("The number of a till; 0: the server."), least=0)] = 0

    @override
    def look_up(self, at: AtServer) -> Prepared:
        waiting = at.ask("conflict_list_v1", None, None, 1)["waiting"]
        found = next((one for one in waiting if one["till"] == self.till), None)
        if found is None:
            raise AdministrationError(_("Till {n} has nothing waiting.").format(n=self.till))
        counts = ((_("Conflicts"), str(found["conflicts"])), (_("Records"), str(found["records"])))
        return Prepared(self, _("Settle all of till {n}").format(n=self.till), (*counts, (_("How"), clean(self.how))))

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.till, self.how

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        sentence = _("Settled: {conflicts} conflicts and {records} records of till {till}.")
        if answer["left"]:
            sentence = _("Settled: {conflicts} conflicts and {records} records of till {till}; {left} left.")
        return sentence.format(till=self.till, **answer)

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        if at.ask("conflict_list_v1", self.till)["conflicts"]:
            yield _("The rest is settled one by one: `till admin conflicts --till {till}`.").format(till=self.till)
