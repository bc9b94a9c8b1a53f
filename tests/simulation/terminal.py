"""A card terminal that lies by omission: it charges, too much at times, and may not answer. `till.ports.Tender`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.money.measures import Minor
from till.ports import Charge, ChargeAnswer, ChargeReference, Outcome, TenderTraits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import World

TERMINAL: Final = TenderTraits(name="TERMINAL", label="Card terminal", key="t")


class Terminal:
    """The terminals of the venue, whose books the world keeps: any till asks after what another asked for."""

    def __init__(self, world: World, till: int) -> None:
        self._world = world
        self._till = till

    @property
    def traits(self) -> TenderTraits:
        return TERMINAL

    def name_charge(self, key: str) -> ChargeReference:
        return ChargeReference(f"V400m-{self._till}", f"till-{self._till}", key.replace("-", "")[-10:])

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        progress("card read")
        chance = self._world.fraction()
        if chance > 0.15:  # else it never heard of it
            self._world.charged[charge.key] = charge.amount if chance > 0.35 else None
        if chance > 0.9:  # an amount that was changed there
            self._world.over[charge.key] = 1 + int(chance * 100_000) % 900
            self._world.charged[charge.key] = charge.amount + self._world.over[charge.key]
        return self._answer_to(charge) if self._world.fraction() < 0.5 else self._unknown(charge)

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        is_heard = self._world.is_mended or self._world.fraction() < 0.5
        return self._answer_to(charge) if is_heard else self._unknown(charge)

    async def stop(self, charge: Charge) -> None:
        """Do nothing: the charge continues."""

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        del transaction
        chance = self._world.fraction()
        self._world.returned[charge.key] = charge.amount if chance > 0.35 else None
        return self._answer_to(charge) if self._world.fraction() < 0.5 else self._unknown(charge)

    def _answer_to(self, charge: Charge) -> ChargeAnswer:
        books = self._world.returned if charge.key in self._world.returned else self._world.charged
        taken = books.setdefault(charge.key, None)
        if taken is None:
            return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED)
        return ChargeAnswer(key=charge.key, outcome=Outcome.APPROVED, amount=Minor(taken), transaction="T-1")

    @staticmethod
    def _unknown(charge: Charge) -> ChargeAnswer:
        return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN)
