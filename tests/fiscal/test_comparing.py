"""The authority's own list of a day against the venue's records."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.fiscal.server import Authority, opened
from tests.fiscal.test_sending import NOON, SETTINGS, Chain, Venue, sent
from till.domain.fiscal_sending import KeptRecord, ListingDifference, compare_listed
from till.domain.structs import replace
from till.fiscal.es_verifactu.exchange import EXCHANGE
from till.wiring.fiscal import AuthorityError, list_day, post_records

if TYPE_CHECKING:
    from till.domain.fiscal_sending import ListedRecord

DAY = NOON.date()


async def listed(authority: Authority) -> list[ListedRecord]:
    return await list_day(EXCHANGE, SETTINGS, DAY, lambda body: post_records(authority.url, body, None, 5))


def kept(venue: Venue) -> list[KeptRecord]:
    return [
        KeptRecord(stamp=one.stamp, answer=venue.answers[one.event].state, annuls=EXCHANGE.annuls(one.stamp))
        for one in venue.stamps if EXCHANGE.is_of_day(one.stamp, DAY)
    ]  # fmt: skip


async def traded() -> tuple[Venue, Authority]:
    """Return a venue that sold ten invoices, one refused and corrected, one annulled, and all that it sent."""
    venue, chain, authority = Venue(), Chain(1), Authority(page=3)
    sold = [chain.sell() for _ in range(10)]
    authority.refused[sold[3].stamp.number] = "Valor"
    venue.stamps += [*sold, chain.mend(sold[3]), chain.annul(sold[5])]
    return venue, authority


async def test_list_of_an_honest_day_differs_in_nothing() -> None:
    venue, authority = await traded()
    async with opened(authority):
        await sent(venue, authority)
        rows = await listed(authority)
        assert len(rows) == 10
        assert compare_listed(kept(venue), rows) == {}
        assert await list_day(EXCHANGE, SETTINGS, DAY + timedelta(days=1), lambda body: post_records(
            authority.url, body, None, 5)) == []  # fmt: skip


async def test_answers_that_the_authority_never_gave_differ() -> None:
    venue, authority = await traded()
    async with opened(authority):
        await sent(venue, authority)
        first, second, third, *others = authority.taken
        strange = dataclasses.replace(third, number="9-000001")
        annulled = others[-3]
        authority.annulled.add(annulled.key)
        authority.taken = [dataclasses.replace(second, hash="0" * 64), third, *others, strange]
        assert compare_listed(kept(venue), await listed(authority)) == {
            first.number: ListingDifference.LACKS, second.number: ListingDifference.OTHER,
            annulled.number: ListingDifference.OTHER, "9-000001": ListingDifference.UNKNOWN,
        }  # fmt: skip


async def test_record_without_an_answer_is_no_difference() -> None:
    venue, authority = await traded()
    async with opened(authority):
        await sent(venue, authority)
        waiting = [replace(one, answer=None) for one in kept(venue)]
        authority.taken.clear()
        assert compare_listed(waiting, await listed(authority)) == {}


@pytest.mark.parametrize(("status", "body", "words"), [
    (503, b"busy", "HTTP 503"), (200, b"<html/>", "HTTP 200"), (302, b"", "HTTP 302"),
])  # fmt: skip
async def test_page_that_is_no_list_is_an_error(status: int, body: bytes, words: str) -> None:
    async def post(_body: bytes) -> tuple[int, bytes]:
        return status, body

    with pytest.raises(AuthorityError, match=words):
        await list_day(EXCHANGE, SETTINGS, DAY, post)
