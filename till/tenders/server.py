"""Vouchers and house accounts: the venue's server answers for them, as it took the push of the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.ports import Answer, Charge, ChargeReference, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import Store, TenderTraits

_KEPT: Final = frozenset({"reserved", "spent"})
#: Names the money where the server's own event is not here yet: who took it says so, and no tender of it is put right.
_SAID: Final = "server"


class ServerTender:
    """Asks the server what it answered to a payment: it has it from the moment that the start was pushed.

    Args:
        traits: what the way to pay is like.
        store: the server, as a till asks it.
    """

    def __init__(self, traits: TenderTraits, store: Store) -> None:
        self.traits = traits
        self._store = store

    def name_charge(self, key: str) -> ChargeReference:
        """Nothing to name: who pays by it names the voucher or the account."""
        del key
        return ChargeReference()

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> Answer:
        """What the server answered."""
        progress(_("asking the server"))
        return await self.ask_after(charge)

    async def ask_after(self, charge: Charge) -> Answer:
        """What the server answered. Where it has not heard of it, the start is on its way still: nobody knows."""
        try:
            standing = await self._store.payment_answer(charge.key)
        except StoreError:
            standing = None
        if standing in _KEPT:
            return Answer(key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount, transaction=_SAID)
        if standing is None:
            return Answer(key=charge.key, outcome=Outcome.UNKNOWN)
        words = _("given back") if standing == "released" else _("not enough is left")
        return Answer(key=charge.key, outcome=Outcome.DECLINED, words=words)

    async def stop(self, charge: Charge) -> None:
        """Nothing to stop: it has its answer."""

    async def refund(self, charge: Charge, transaction: str) -> Answer:
        """What goes back comes onto it as the refund is pushed: the server does it by itself."""
        del transaction
        return Answer(key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount)
