"""Vouchers and house accounts: the venue's server answers when it receives the start of a payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.ports import Charge, ChargeAnswer, ChargeReference, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import Store, TenderTraits

_KEPT: Final = frozenset({"reserved", "spent"})
#: The transaction until the server's own event arrives. It shows that the server took the money, so that the tender
#: cannot be corrected.
_TRANSACTION: Final = "server"


class ServerTender:
    """A tender with the server as its provider. The server knows the answer once the start is pushed.

    Args:
        traits: the traits of the tender.
        store: the server.
    """

    def __init__(self, traits: TenderTraits, store: Store) -> None:
        self.traits = traits
        self._store = store

    def name_charge(self, key: str) -> ChargeReference:
        """Return an empty reference: the payment itself names the voucher or the account."""
        del key
        return ChargeReference()

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        """Return the server's answer."""
        progress(_("asking the server"))
        return await self.ask_after(charge)

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """Return the server's answer; unknown until the start has reached the server."""
        try:
            state = await self._store.payment_answer(charge.key)
        except StoreError:
            state = None
        if state in _KEPT:
            return ChargeAnswer(
                key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount, transaction=_TRANSACTION
            )
        if state is None:
            return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN)
        words = _("refunded") if state == "released" else _("not enough is left")
        return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words=words)

    async def stop(self, charge: Charge) -> None:
        """Do nothing: the answer is final."""

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """Return an approval: the server credits the voucher or account when it receives the refund."""
        del transaction
        return ChargeAnswer(key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount)
