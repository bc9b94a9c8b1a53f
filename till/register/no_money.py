"""The answer of a till to what the server says of it: that it takes no money, or money again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.till.events import MoneyHeard, stream_of_till
from till.register.hearing import Hearer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from till.domain.payment.unanswered import Unanswered
    from till.register.drawer import Drawer
    from till.register.ledger.ledger import Ledger

#: The name of the server's word in the reference data.
MONEY: Final = "money"


class NoMoney(Hearer):
    """The server's word on whether this till takes money. It is in effect from the till's answer in its chain on.

    Args:
        ledger: the write path, which refuses what moves money while the till takes none.
        drawer: the drawer, which must be empty first.
        unanswered: returns the money of this till without an answer, of which there must be none first.
    """

    def __init__(self, ledger: Ledger, drawer: Drawer, unanswered: Callable[[], Sequence[Unanswered]]) -> None:
        self._ledger = ledger
        self._drawer = drawer
        self._unanswered = unanswered
        self._change = 0
        self._read()

    def _read(self) -> None:
        """Read the server's word from the reference data."""
        cached = self._ledger.journal.cached(MONEY)
        self._change = int(cached[1]["change"]) if cached is not None else self._ledger.money_heard

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        if MONEY in names:
            self._read()

    @override
    def server_answered(self) -> None:
        with suppress(JournalError):  # a full disk: the next key reports it
            self.answer()

    @property
    def waits(self) -> bool:
        """True while the till is to take no money, and has a shift, a drawer or a payment to finish first."""
        return self._change % 2 == 1 and self._ledger.takes_money

    def answer(self) -> bool:
        """Write that the word was heard, unless something is to be finished first. Return True if that is new."""
        if self._change == self._ledger.money_heard or (self.waits and self._is_busy()):
            return False
        was = self._ledger.takes_money
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        self._ledger.commit([Draft(MoneyHeard(change=self._change), stream)])
        self._ledger.money_heard = self._change
        self._drawer.forget()
        return was is not self._ledger.takes_money

    def _is_busy(self) -> bool:
        return self._ledger.shift is not None or any(self._drawer.balance().values()) or bool(self._unanswered())
