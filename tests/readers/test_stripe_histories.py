"""Random histories of two tills at one reader of Stripe, and faults that are planted to be found by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.readers.histories import JUDGED, play
from till.domain.ids import derived_id
from till.ports import Charge, ChargeAnswer, Outcome
from till.readers.stripe import StripeTender
from till.readers.waiting import declined
from till.tenders.http import HttpError, NotSentError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The histories of the suite; `python -m tests.readers.histories --count 2000` plays any number.
_COUNT = 150
_PLANTED = 500


class WithoutCancel(StripeTender):
    """Believes a failure, and reads the intent without cancelling it first."""

    async def _settled(self, charge: Charge, intent: str, failure: str) -> ChargeAnswer:
        answer = await super()._settled(charge, intent, "")
        return declined(charge, failure) if failure and answer.outcome is Outcome.UNKNOWN else answer


class WithoutCreateAndCancel(StripeTender):
    """Takes a payment that Stripe does not list for one that was never asked for."""

    async def _made(self, charge: Charge, sent: Charge | None = None) -> Any:
        if sent is None:
            raise _MissingError
        return await super()._made(charge, sent)

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        try:
            return await super().ask_after(charge)
        except _MissingError:
            return declined(charge, "not there")


class _MissingError(Exception):
    """The payment is not in the list."""


class SentAgain(StripeTender):
    """Sends a request whose answer was lost again, under another key."""

    async def _post(
        self, path: str, kind: type[Any], fields: Mapping[str, Any], key: str = "", sent: Charge | None = None
    ) -> Any:
        try:
            return await super()._post(path, kind, fields, key, sent)
        except NotSentError:
            raise
        except HttpError:
            return await super()._post(path, kind, fields, key and derived_id(key, "again"), sent)


class SentLate(StripeTender):
    """Sends a request however old its key is."""

    def _check_age(self, charge: Charge) -> None:
        """Allow it."""


@pytest.mark.parametrize("first", range(1, _COUNT, 50))
def test_history_moves_no_money_but_that_of_the_answers(first: int) -> None:
    payments, unsettled = 0, 0
    for seed in range(first, first + 50):
        world = play(seed, judged=seed <= JUDGED)
        assert list(world.broken()) == [], f"seed {seed}"
        payments, unsettled = payments + len(world.money), unsettled + world.unsettled
    assert payments > 150
    assert unsettled <= payments // 100


@pytest.mark.parametrize("planted", [WithoutCancel, WithoutCreateAndCancel, SentAgain, SentLate])
def test_planted_fault_is_found(planted: type[StripeTender]) -> None:
    assert any(rule for seed in range(1, _PLANTED) for rule in play(seed, planted).broken())
