"""Ids that the server derives: nobody else begins an order under one, so late lines are always in a list."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.hostile.test_stolen_sales import OPENED
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till, Venue
from tests.sql.test_programs import chat
from tests.sql.test_refunds import Refund, quarantined, sell

if TYPE_CHECKING:
    from tests.plugins.front_ends import FrontEnd

__all__ = ["chat", "template", "venue"]

HONEST, THIEF = 1, 2
NOT_SEVEN = "No till begins an order under an id of this kind."


def digest(session: str, till: int) -> str:
    """Return the id that the order for the late lines of a till had before; one in sixteen looks like a till's."""
    return str(uuid.UUID(hashlib.md5(f"{session} till {till}".encode(), usedforsecurity=False).hexdigest()))


def late_id(session: str, till: int) -> str:
    """Return the id of the order for the late lines of a till."""
    return f"{(own := digest(session, till))[:14]}8{own[15:]}"


def looks_like_a_tills(own: str) -> bool:
    """Say whether an id has the form of one that a till draws: version 7, and a time before the year 10000."""
    return own < "e677" and own[14] == "7" and own[19] in "89ab"


def sold_while_away(honest: Till, seller: Till, *, sevens: bool = False) -> Cart:
    """Sell an order at another till while its first one is away. Its digest may look like an id of a till."""
    cart = Cart()
    while looks_like_a_tills(digest(cart.session, HONEST)) is not sevens:
        cart = Cart()
    honest.open(cart)
    honest.add(cart, IDLY)
    assert honest.push()["ok"]
    seller.take(cart)
    seller.place(cart)
    assert seller.push()["ok"]
    return cart


def waiting(till: Till, user: int = 1) -> list[str]:
    """Return the orders that wait for a person at a till."""
    return [row["session"] for row in till.read("till.user_sessions_v1", user=user)["sessions"]]


@pytest.mark.parametrize("alone", [True, False])
def test_late_lines_are_in_a_list_whatever_a_till_wrote_under_their_id_before(venue: Venue, *, alone: bool) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = sold_while_away(honest, thief)
    grabbed = Cart(late_id(cart.session, HONEST))
    if not alone:
        thief.open(grabbed)
    thief.add(grabbed, DOSA)
    thief.clear(grabbed)
    assert thief.push()["ok"]
    assert set(quarantined(venue)) == {NOT_SEVEN}
    honest.add(cart, DOSA)
    assert honest.push()["ok"]
    assert waiting(honest) == [grabbed.session]
    (row,) = venue.rows("SELECT status, hold_till FROM order_sessions WHERE id = %s", grabbed.session)
    assert row == ("pending_logout", 0)
    honest.take(grabbed)
    assert honest.push()["ok"], "its own till takes it as ever"


@pytest.mark.parametrize("sevens", [True, False])
def test_late_lines_before_and_after_an_upgrade_are_in_one_order(venue: Venue, *, sevens: bool) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = sold_while_away(honest, thief, sevens=sevens)
    now = str(venue.value("SELECT pg_get_functiondef('warm.late_id'::regproc)"))
    venue.owner.execute(
        "CREATE OR REPLACE FUNCTION warm.late_id(p_session text, p_till integer) RETURNS text LANGUAGE sql STABLE AS"
        " $$ SELECT md5(p_session || ' till ' || p_till)::uuid::text $$"
    )
    honest.add(cart, DOSA)
    assert honest.push()["ok"]
    venue.owner.execute(now.encode())
    honest.add(cart, IDLY)
    assert honest.push()["ok"]
    assert waiting(honest) == [digest(cart.session, HONEST)]


def test_a_till_that_opened_an_order_under_the_digest_gets_no_late_lines(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = sold_while_away(honest, thief, sevens=True)
    grabbed = Cart(digest(cart.session, HONEST))
    thief.open(grabbed)
    thief.clear(grabbed)
    assert thief.push()["ok"]
    assert not quarantined(venue)
    honest.add(cart, DOSA)
    assert honest.push()["ok"]
    assert waiting(honest) == [late_id(cart.session, HONEST)]


def test_no_act_opens_an_order_under_an_id_of_the_server(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    sold, own = sold_while_away(honest, thief), Cart()
    thief.open(own)
    line = thief.add(own, DOSA)
    thief.push()
    grabbed = Cart(late_id(sold.session, HONEST))
    with thief.deciding() as decided:
        thief.open(grabbed, from_session=own.session)
        thief.hand_on(own, grabbed, line)
    answer = thief.push(act=thief.act(decided))["act"]
    assert answer == {"taken": False, "why": "The act opens an order under an id of another kind."}


def test_a_chain_of_ended_orders_of_late_lines_is_followed_to_its_end(venue: Venue) -> None:
    """Thousands of them were a chain of calls of the server, which failed the push of an honest till."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = sold_while_away(honest, thief)
    ended = """
        WITH RECURSIVE link (id, nth) AS (
            SELECT overlay(md5(%(first)s || ' till 1')::uuid::text PLACING '8' FROM 15 FOR 1), 1
            UNION ALL SELECT overlay(md5(id || ' till 1')::uuid::text PLACING '8' FROM 15 FOR 1), nth + 1
            FROM link WHERE nth < %(links)s
        )
        INSERT INTO till.order_sessions (id, store_id, status, items, total, version, created_at, updated_at)
        SELECT id, %(store)s, 'discarded', '[]', 0, 1, now(), now() FROM link"""
    venue.owner.execute(ended, {"first": cart.session, "links": 12_000, "store": venue.store})
    honest.add(cart, DOSA)
    assert honest.push()["ok"]
    assert len(waiting(honest)) == 1


@pytest.mark.parametrize("named", ["as the server", "by its words", "version 4"])
def test_no_program_names_a_session_by_an_id_that_the_server_derives(venue: Venue, chat: FrontEnd, named: str) -> None:
    honest = venue.till(HONEST)
    cart = sold_while_away(honest, venue.till(THIEF))
    names = {"as the server": late_id(cart.session, HONEST), "by its words": f"{cart.session} till {HONEST}",
             "version 4": str(uuid.uuid4())}  # fmt: skip
    with pytest.raises(psycopg.Error, match="The name of a session is a UUID of version 7"):
        chat.put(names[named], DOSA)
    honest.add(cart, DOSA)
    honest.push()
    assert waiting(honest) == [late_id(cart.session, HONEST)]


def test_a_refund_begins_under_an_id_of_version_7(venue: Venue) -> None:
    till = venue.till(THIEF)
    refund = Refund(till, *sell(till, (DOSA, 1)), r1=1)
    refund.id = str(uuid.uuid4())
    refund.start()
    till.push()
    assert quarantined(venue) == ["The id of the refund is not of version 7."]


def test_an_order_that_a_till_opened_by_another_id_is_opened_by_none(venue: Venue) -> None:
    thief = venue.till(THIEF)
    thief.make("order_opened", str(uuid.uuid4()), OPENED)
    thief.push()
    assert quarantined(venue) == [NOT_SEVEN]
