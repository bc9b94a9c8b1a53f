"""Acts between orders: tried here and sent to the server, without effect here until it has taken them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.referee import Referee, at_once
from till.domain.errors import StoreAwayError, StoreError
from till.domain.events.envelope import SERVER
from till.domain.order.state import Buyer, Status
from till.ports.store import ActOutdatedError, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.register.conftest import Till
    from till.domain.order.state import Order
    from till.ports import Transfer
    from till.register.tabs.open_tabs import OpenTab

APART = "This needs the server. I: pay items works without it."
MOVED = "Moving lines needs the server: here each pays its own bill."
MERGED = "Merging needs the server: here each pays its own bill."
ADDED = "Adding needs the server. Tab on F8: a separate bill."


class Refusing(Referee):
    """A server that does not answer, or refuses; if it `takes`, only its answer is lost."""

    def __init__(self, till: Till, problem: StoreError, *, takes: bool = False) -> None:
        super().__init__(till.register)
        self.problem, self.takes = problem, takes
        self.acts: list[Transfer] = []

    async def act(self, act: Transfer) -> None:
        self.acts.append(act)
        if self.takes:
            await super().act(act)
        raise self.problem


def _saved(till: Till, name: str, *plus: int, buyer: Buyer | None = None) -> OpenTab:
    order = till.order(*plus)
    till.register.sales.name_buyer(order.id, 1, buyer)
    till.register.tabs.save(order.id, name)
    return next(tab for tab in till.register.open_tabs.local() if tab.session_id == order.id)


def _acts(till: Till, server: Any) -> dict[str, Callable[[], Coroutine[Any, Any, Order]]]:
    """Return each act between orders by its name."""
    seven, nine = _saved(till, "7", 1, 1, 2), _saved(till, "9", 1)
    present = till.order(1, 2)
    line, between = next(iter(present.lines)), till.register.between
    return {
        "part": lambda: between.part(server, present.id, {line: 1}, till.register.ledger.new_id()),
        "move pieces": lambda: between.move_pieces(server, seven, "Idly", 1, nine),
        "move lines": lambda: between.move_lines(server, present.id, {line: 1}, nine),
        "add": lambda: between.add(server, present.id, nine),
        "merge": lambda: between.merge(server, seven, nine),
        "join": lambda: between.join(server, present.id, till.order(2).id),
    }


ANSWERS = {"part": APART, "move pieces": MOVED, "move lines": MOVED, "add": ADDED, "merge": MERGED, "join": MERGED}
EACH = pytest.mark.parametrize("act", ANSWERS)


@EACH
@pytest.mark.parametrize("is_asked", [True, False])
def test_an_act_is_refused_without_the_server_and_names_what_works(till: Till, act: str, is_asked: bool) -> None:
    asked = _acts(till, Refusing(till, StoreAwayError()) if is_asked else None)[act]
    with pytest.raises(StoreAwayError) as refused:
        at_once(asked())
    assert refused.value.sentence == ANSWERS[act]
    assert len(ANSWERS[act]) <= 60, "an answer line has sixty characters"


@EACH
@pytest.mark.parametrize("problem", [ActOutdatedError(), NoAnswerError(), StoreAwayError(), StoreError("No.")])
def test_an_act_that_is_refused_leaves_nothing_here(till: Till, act: str, problem: StoreError) -> None:
    server = Refusing(till, problem)
    asked, written = _acts(till, server)[act](), till.journal.head
    with pytest.raises(type(problem)):
        at_once(asked)
    orders, head = till.register.ledger.open_orders(), till.journal.head
    assert head == written or act == "join", "the order that is joined was keyed meanwhile"
    assert not {event.id for event in server.acts[0].events} & {event.id for event in till.journal.own}
    till.start()
    assert till.register.ledger.open_orders() == orders
    assert till.journal.head == head


@EACH
def test_an_act_is_of_the_server_and_its_own_till_sends_no_news_of_it(till: Till, act: str) -> None:
    asked = _acts(till, Referee(till.register))[act]()
    done = at_once(asked)
    events = till.journal.events_of(done.id)
    assert {(event.till, event.by_till) for event in events if event.journal_id != till.journal.journal_id} == {
        (SERVER, till.number)
    }
    assert done.holder == till.number
    assert done.status is (Status.ACTIVE if act in {"part", "join"} else Status.ASSIGNED_TO_TAB)
    assert (till.screen.joined, till.screen.late, till.screen.money) == ([], [], [])


def test_an_order_whose_answer_was_lost_is_known_by_its_id(till: Till) -> None:
    session, new_id = till.order(1, 2).id, till.register.ledger.new_id()
    line = next(iter(till.register.ledger.order(session).lines))
    server: Any = Refusing(till, NoAnswerError(), takes=True)
    with pytest.raises(NoAnswerError):
        at_once(till.register.between.part(server, session, {line: 1}, new_id))
    guest = till.register.ledger.order(new_id)
    assert (guest.status, guest.holder, list(guest.lines)) == (Status.ACTIVE, till.number, [line])


def test_an_act_names_where_the_chain_ends_and_how_its_orders_stand_after(till: Till) -> None:
    session, new_id = till.order(1, 2).id, till.register.ledger.new_id()
    line = next(iter(till.register.ledger.order(session).lines))
    server: Any = Refusing(till, StoreError("No."))
    with pytest.raises(StoreError):
        at_once(till.register.between.part(server, session, {line: 1}, new_id))
    (act,) = server.acts
    assert act.seq == till.journal.head.seq
    assert act.versions == {session: 0, new_id: 0}
    assert {one: shown["total"] for one, shown in act.snapshots.items()} == {session: "80.00", new_id: "40.00"}


@pytest.mark.parametrize(("own", "named"), [("", "Rao"), ("Iyer", "Iyer")])
def test_the_order_that_stays_gets_the_buyer_unless_it_names_one(till: Till, own: str, named: str) -> None:
    rao = Buyer("Rao", "29X", "4 Church St")
    kept = _saved(till, "7", 1, buyer=Buyer(own, "29Y") if own else None)
    other = _saved(till, "9", 2, buyer=rao)
    merged = till.acts.merge(kept, other)
    assert merged.id == kept.session_id
    assert merged.buyer == (rao if named == "Rao" else Buyer(own, "29Y"))
