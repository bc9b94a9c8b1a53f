"""The log takes what follows its chain, once, and says where to send from when something does not."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import errors

from db.engine import connect
from tests.sql.ringing import DOSA, IDLY, Cart, new_id, packed
from tests.sql.test_customers import waits

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Sealed, Till, Venue
    from till.domain.events.envelope import Event


def log_size(venue: Venue) -> int:
    return int(venue.value("SELECT count(*) FROM session_events WHERE till_id > 0"))


def test_a_push_may_be_repeated(venue: Venue) -> None:
    till, cart = venue.keyed((IDLY, 2))
    till.place(cart)
    request = till.request(cart.snapshot(0))
    first = till.send(request)
    second = till.send(request)

    assert first["head"] == second["head"] == {"seq": 3, "hash": till.hash}
    assert [s["version"] for s in second["sessions"]] == [3]
    assert second["quarantined"] == []
    assert log_size(venue) == 3
    assert venue.value("SELECT count(*) FROM orders") == 1


def test_a_lost_reply_is_harmless_whatever_was_sent_since(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.send(till.request(cart.snapshot(0)))  # the reply never comes
    till.add(cart, IDLY)
    reply = till.shown(cart)

    assert reply["head"]["seq"] == 2
    assert log_size(venue) == 2
    assert till.known[cart.session][0] == 2


def test_a_gap_is_answered_with_the_head(venue: Venue) -> None:
    till, _cart = venue.keyed(IDLY, DOSA)
    reply = till.send(till.request(events=[till.pending[0], till.pending[2]]))

    assert reply["ok"]
    assert reply["head"] == {"seq": 1, "hash": till.pending[0].hash}
    assert till.push()["head"]["seq"] == 3


@pytest.mark.parametrize("place", [0, 1])
def test_an_altered_body_stops_the_walk(venue: Venue, place: int) -> None:
    till, _cart = venue.keyed((IDLY, 2))
    request = till.request()
    request["events"][place]["b"] = request["events"][place]["b"].replace("INR", "USD").replace("Idly", "Gold")
    reply = till.send(request)

    assert reply["head"]["seq"] == place
    assert reply["ok"] is (place == 1)
    assert place == 1 or (reply["code"], reply["detail"]) == (
        "protocol", "Record 1 of this journal does not match its seal.",
    )  # fmt: skip
    assert log_size(venue) == place


def test_an_event_that_follows_another_record_diverges(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.push()
    till.hash = "f" * 64
    till.add(cart, IDLY)
    reply = till.send(till.request())

    assert (reply["ok"], reply["code"], reply["head"]["seq"]) == (False, "chain_diverged", 1)


def test_another_record_at_a_place_that_was_taken_diverges(venue: Venue) -> None:
    till, _cart = venue.keyed()
    till.push()
    copy = venue.till()  # the disk was restored from before the push
    copy.journal = till.journal
    copy.open(Cart())

    assert copy.send(copy.request())["code"] == "chain_diverged"
    assert log_size(venue) == 1


def test_the_same_event_in_a_new_chain_keeps_only_its_link(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.push()
    opened = venue.value("SELECT event_id::text FROM session_events WHERE till_id = 1")
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.now = till.now.replace(second=0)
    again.make(
        "order_opened", cart.session,
        {"user": 1, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line",
         "order_type": "take_away"}, event_id=opened,
    )  # fmt: skip
    again.add(cart, IDLY)
    reply = again.push()

    assert (reply["head"]["seq"], reply["series"]) == (2, "B")
    assert log_size(venue) == 2
    assert venue.rows("SELECT journal_id::text, seq, event_id::text FROM warm.event_links") == [
        (again.journal, 1, opened)
    ]
    assert reply["quarantined"] == []
    assert again.send(again.request(events=[]))["head"]["seq"] == 2


def test_other_content_under_an_id_that_is_taken_is_quarantined(venue: Venue) -> None:
    till, cart = venue.keyed()
    line = till.look(cart, "dosa")
    till.push()
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.look(cart, "idly", event_id=line.id)
    again.push()
    reply = again.push(known=[{"session": cart.session, "version": 2, "event": line.id}])

    assert [q["event"] for q in reply["quarantined"]] == [line.id]
    assert venue.value("SELECT event_data->>'query' FROM session_events WHERE event_id = %s", line.id) == "dosa"
    assert "idly" in venue.value("SELECT body FROM warm.quarantine")


def test_one_id_in_two_pushes_at_a_time_is_asked_for_again_and_linked(venue: Venue, database: Database) -> None:
    """A journal and its copy: neither sees what the other has not committed yet."""
    till, cart = venue.keyed()
    till.push()
    other = venue.till(2)
    other.take(cart)
    line = till.look(cart, "dosa")
    other.look(cart, "idly", event_id=line.id)
    refused: list[str | None] = []

    def push() -> None:
        with pytest.raises(errors.SerializationFailure) as caught:
            other.push()
        refused.append(caught.value.diag.message_primary)

    pushing = threading.Thread(target=push)
    with database.connect() as busy:
        with busy.transaction():
            till.connection = busy
            till.push()
            pushing.start()
            waits(venue.owner, pushing)
        pushing.join()
    assert refused == ["A record has just arrived by another chain."]
    assert other.push()["head"]["seq"] == 1
    assert venue.rows("SELECT event_id::text FROM warm.event_links") == [(line.id,)]
    assert log_size(venue) == 2


def test_a_nul_in_a_body_does_not_fail_the_batch(venue: Venue) -> None:
    """No till of ours seals one; an older or a broken one might, and its records before and after are good."""
    till, cart = venue.keyed()
    body = till.make_badly("preference_set", cart.session, {"name": "|"}).body.replace("|", "\\u0000")
    till.pending.pop()
    till.seq, till.hash = till.pending[0].seq, till.pending[0].hash
    till.seal_badly(body)
    till.add(cart, IDLY)
    reply = till.push()

    assert reply["head"] == {"seq": 3, "hash": till.hash}, reply
    assert venue.types("till_id = 1") == ["order_opened", "item_added"]
    assert venue.rows("SELECT seq, body FROM warm.quarantine") == [(2, body)]


def test_free_text_stands_beside_its_event(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.clear(cart, "Mrs Rao left")
    till.push()

    assert venue.rows("SELECT field, text FROM warm.event_texts") == [("reason", "Mrs Rao left")]
    assert "Rao" not in venue.value("SELECT string_agg(body, '') FROM session_events")


def test_a_text_whose_beginning_was_moved_into_its_salt_is_dropped(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.clear(cart, "not paid")
    request = till.request()
    text = request["events"][-1]["t"]["reason"]
    request["events"][-1]["t"] = {"reason": {"salt": f"{text['salt']}not ", "text": "paid"}}
    assert till.send(request)["ok"]

    assert venue.rows("SELECT text FROM warm.event_texts") == []
    assert venue.rows("SELECT reason FROM warm.quarantine") == []


def refused(venue: Venue, **changes: Any) -> str:
    till = venue.till()
    till.open(Cart())
    reply = till.send(till.request(**changes))
    assert reply["ok"] is False
    assert reply["detail"]
    assert reply["head"] is None or len(reply["head"]["hash"]) == 64
    return str(reply["code"])


def test_a_refusal_says_why(venue: Venue) -> None:
    venue.till().push()  # the first journal of till 1 is its live one

    assert refused(venue) == "journal_not_live"
    assert refused(venue, secret="guessed") == "wrong_secret"
    assert refused(venue, till=44) == "wrong_secret"
    assert refused(venue, store="0b5a3bd4-7c1e-4d5e-9a3f-3c1d2e4f5a6b") == "wrong_store"
    assert refused(venue, store="Udupi") == "protocol"
    assert (
        refused(venue, protocol=2, journal=venue.value("SELECT live_journal::text FROM tills WHERE id = 1"))
        == "protocol"
    )
    assert refused(venue, secret="") == "wrong_secret"
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 1)", [venue.store])
    assert refused(venue) == "till_revoked"


def test_the_owner_of_the_database_needs_no_secret_but_says_so(venue: Venue) -> None:
    till = venue.till()
    till.push()  # its journal is known
    till.open(Cart())
    for secret, taken in (("guessed", False), (None, False), ("", True)):
        assert sent_by_owner(venue, till, secret)["ok"] is taken


def sent_by_owner(venue: Venue, till: Till, secret: str | None = "") -> dict[str, Any]:
    request = json.dumps(till.request(secret=secret))
    (reply,) = venue.owner.execute("SELECT warm.sync_push_v1(%s)", [request]).fetchone() or ("",)
    answer: dict[str, Any] = json.loads(reply)
    return answer


def test_the_owner_of_the_database_makes_no_journal_the_live_one_of_a_till(venue: Venue) -> None:
    """A till's next journal is the first that the till itself brings: its machine may have been replaced just now."""
    shut_out, new = venue.till(), venue.till()
    for till in (shut_out, new):
        till.open(Cart())
    assert sent_by_owner(venue, shut_out)["code"] == "journal_not_live"
    assert new.push()["ok"] is True
    assert venue.value("SELECT live_journal::text FROM tills WHERE id = 1") == new.journal
    assert log_size(venue) == 1


def test_the_backlog_of_a_retired_journal_is_taken_before_its_refusal(venue: Venue) -> None:
    old, cart = venue.keyed()
    old.push()
    old.add(cart, IDLY)
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    new = venue.till()
    new.open(Cart())
    assert new.push()["series"] == "B"

    assert old.shown(cart)["head"]["seq"] == 2
    assert venue.value("SELECT refold FROM order_sessions WHERE id = %s", cart.session)
    assert old.push()["code"] == "journal_retired"
    assert old.read("till.hello_v1", journal=old.journal)["code"] == "journal_retired"


def test_adopt_is_refused_where_no_journal_waits(venue: Venue) -> None:
    """The till's own journal would be shut out."""
    adopt = "SELECT till.till_adopt_v1(%s, 9, 1)"
    old, new = venue.till(), venue.till()
    old.open(Cart())
    old.push()
    nothing = r"Nothing waits to be adopted as till 1\. Open it"
    with pytest.raises(errors.DatabaseError, match=nothing):
        venue.value(adopt, venue.store)
    new.open(Cart())
    assert new.push()["code"] == "journal_not_live"
    for _again in range(2):
        venue.value(adopt, venue.store)
    assert new.push()["ok"] is True
    with pytest.raises(errors.DatabaseError, match=nothing):
        venue.value(adopt, venue.store)
    new.open(Cart())
    assert new.push()["ok"] is True
    assert old.push()["code"] == "journal_retired"


def test_adopt_is_refused_after_an_enrolment_until_another_journal_asks(venue: Venue) -> None:
    """The journal of the machine may be the same, and would be shut out."""
    adopt = "SELECT till.till_adopt_v1(%s, 9, 1)"
    till = venue.till()
    till.open(Cart())
    till.push()
    till.secret = new_id()
    enrol = "SELECT till.till_enrol_v1(%s, 9, 1, NULL, warm.digest(%s))"
    venue.owner.execute(enrol, [venue.store, till.secret])
    for _try in range(2):
        with pytest.raises(errors.DatabaseError, match=r"Nothing waits to be adopted as till 1"):
            venue.value(adopt, venue.store)
        till.open(Cart())
        assert till.push()["ok"] is True
    other = venue.till()
    other.secret = till.secret
    venue.owner.execute(enrol, [venue.store, till.secret])
    other.open(Cart())
    assert other.push()["code"] == "journal_not_live"
    venue.value(adopt, venue.store)
    assert other.push()["ok"] is True


def test_a_retired_journal_whose_answer_was_lost_hears_how_far_it_came_and_sends_the_rest(venue: Venue) -> None:
    old, cart = venue.keyed()
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1, %s)", [venue.store, old.journal])
    assert old.send(old.request())["head"]["seq"] == 1  # and nobody hears it
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    reply = old.push()
    assert (reply["ok"], reply["head"]["seq"]) == (True, 1)
    old.add(cart, IDLY)
    assert old.push()["head"]["seq"] == 2
    assert old.push()["code"] == "journal_retired"


def test_two_pushes_of_one_journal_take_turns(venue: Venue, database: Database) -> None:
    till, cart = venue.keyed()
    till.push()
    till.add(cart, IDLY)
    rival = venue.till()
    rival.journal = till.journal
    with connect(database.app) as other:
        rival.connection = other
        other.execute("SET lock_timeout = '50ms'")
        with venue.app.transaction():
            till.send(till.request())
            with pytest.raises(errors.LockNotAvailable):
                rival.send(till.request())
        assert rival.send(till.request())["head"]["seq"] == 2
    assert log_size(venue) == 2


def gone(event: Event | Sealed) -> dict[str, Any]:
    return {"seq": event.seq, "h": event.hash, "gone": True}


def test_a_pruned_event_keeps_its_place_as_a_gap(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY, DOSA)
    one, two, three = till.pending
    request = till.request() | {"events": [packed(one), gone(two), packed(three)]}
    reply = till.send(request)

    assert reply["head"] == {"seq": 3, "hash": three.hash}
    assert venue.rows("SELECT seq, hash FROM warm.chain_gaps") == [(2, two.hash)]
    assert log_size(venue) == 2
    assert till.send(request)["head"]["seq"] == 3
    till.pending = []
    till.add(cart, IDLY)
    assert till.push()["head"]["seq"] == 4


def test_gaps_may_come_alone_and_what_follows_them_must_follow(venue: Venue) -> None:
    till, _cart = venue.keyed(IDLY, DOSA)
    one, two, three = till.pending
    assert till.send(till.request() | {"events": [gone(one), gone(two)]})["head"] == {"seq": 2, "hash": two.hash}
    wrong = till.send(till.request() | {"events": [gone(one) | {"h": three.hash}]})
    assert (wrong["ok"], wrong["code"]) == (False, "chain_diverged")
    assert till.send(till.request() | {"events": [packed(three)]})["head"]["seq"] == 3
    assert venue.value("SELECT version FROM order_sessions") == 1


@pytest.mark.parametrize("change", [{"h": "?"}, {"seq": None}, {"seq": 7}, {"gone": False}])
def test_a_gap_that_does_not_read_is_not_kept(venue: Venue, change: dict[str, Any]) -> None:
    till, _cart = venue.keyed()
    reply = till.send(till.request() | {"events": [gone(till.pending[0]) | change]})

    assert reply["head"]["seq"] == 0
    assert venue.value("SELECT count(*) FROM warm.chain_gaps") == 0


LOST = "A sale or a payment may be among them: compare the last receipts, and count the drawer."


@pytest.mark.parametrize(
    ("has", "ranges", "counted"),
    [
        (2, [(1, 2)], None),  # all arrived
        (2, [(2, 5)], "3 of the records up to number 5"),
        (2, [(1, 1), (3, 3), (6, 9)], "5 of the records up to number 9"),
        (0, [(1, 4)], "4 of the records up to number 4"),
    ],
)
def test_lost_records_that_never_arrived_wait_for_a_manager(
    venue: Venue, has: int, ranges: list[tuple[int, int]], counted: str | None
) -> None:
    """Another journal names them; `has` is the head of the lost one, 0 for one that is unknown here."""
    lost, till, cart = venue.till(), venue.till(2), Cart()
    if has:
        lost.open(cart)
        lost.add(cart, IDLY)
        assert lost.push()["head"]["seq"] == has
    gaps = [{"first": first, "last": last} for first, last in ranges]
    till.make("records_lost", None, {"journal_id": lost.journal, "ranges": gaps})
    assert till.push()["records"] == (counted is not None)
    reasons = [reason for (reason,) in venue.rows("SELECT reason FROM warm.quarantine")]
    assert reasons == ([f"{counted} of the journal of this till are lost. {LOST}"] if counted else [])


def test_lost_records_that_arrive_later_are_settled_by_a_retry(venue: Venue) -> None:
    lost, till, cart = venue.till(), venue.till(2), Cart()
    lost.open(cart)
    lost.add(cart, IDLY)
    gaps = [{"first": 1, "last": 2}]
    till.make("records_lost", None, {"journal_id": lost.journal, "ranges": gaps})
    assert till.push()["records"] == 1
    (record,) = (row[0] for row in venue.rows("SELECT id FROM warm.quarantine"))

    def listed() -> str:
        rows = venue.value("SELECT till.quarantine_list_v1(%s)", venue.store)["quarantine"]
        return str(rows[0]["reason"])

    retry = "SELECT till.quarantine_retry_v1(%s, 9, %s)"
    assert listed() == f"2 of the records up to number 2 of the journal of this till are lost. {LOST}"
    assert venue.value(retry, venue.store, record)["applied"] is False
    assert lost.push()["head"]["seq"] == 2
    assert listed() == "The lost records have arrived since: nothing is missing. Retry settles it."
    assert venue.value(retry, venue.store, record)["applied"] is True


def test_lost_records_of_the_own_chain_and_of_a_removed_log_wait_for_a_manager(venue: Venue) -> None:
    till = venue.till()
    till.make("records_lost", None, {"journal_id": till.journal, "ranges": [{"first": 1, "last": 3}]})
    till.make("records_lost", None, {"journal_id": till.journal})
    assert till.push()["records"] == 2
    assert venue.rows("SELECT reason FROM warm.quarantine ORDER BY id") == [
        (f"3 of the records up to number 3 of the journal of this till are lost. {LOST}",),
        (f"The end of the journal of this till was removed. Nobody knows how many records are lost. {LOST}",),
    ]
    venue.value("SELECT till.quarantine_resolve_v1(%s, 9, 1, 'counted')", venue.store)
    assert till.push()["records"] == 1
