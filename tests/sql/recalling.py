"""Tabs that tills recall, with or without knowing of each other, and what was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sql.ringing import IDLY, TAXES, Cart, Till, new_id

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

TOLD = (
    "SELECT session_id, event_data->'also_till', event_data->'also_user', event_data->'paid' FROM session_events"
    " WHERE event_type = 'conflict_found' AND event_data->>'kind' = 'carried_twice' ORDER BY seq"
)

LAST = (
    "SELECT event_data->'also_till', event_data->'also_user', event_data->'paid', event_data->'on_tab'"
    " FROM session_events WHERE event_type = 'conflict_found' AND session_id = %s ORDER BY version DESC LIMIT 1"
)
NOBODY = (None, None, None, None)
#: What is told of another order once a manager settled it; with whether it was paid by then.
SETTLED, SETTLED_PAID = (None, None, False, None), (None, None, True, None)


def on_tab(till: Till, tab: str) -> Cart:
    """An order for 80.00 that stands on a tab, pushed."""
    cart = Cart()
    till.open(cart)
    till.add(cart, IDLY, 2)
    till.shown(cart)
    till.make("tab_assigned", cart.session, {"tab_id": tab, "table_number": 7, "covers": None}, texts={"name": "7"})
    till.shown(cart, status="assigned_to_tab")
    return cart


def recall(till: Till, cart: Cart, tab: str, user: int = 1) -> Cart:
    """Recall a tab, not yet pushed."""
    again = Cart(user=user)
    till.open(again, tab_id=tab, from_session=cart.session)
    lines = [
        {"line_id": line, "item_id": item, "item_name": "Idly", "quantity": n, "price": "40.00", "taxes": TAXES,
         "modifiers": []} for line, (item, n) in cart.lines.items()
    ]  # fmt: skip
    till.make("lines_moved", again.session, {"from_session": cart.session, "lines": lines, "discounts": []})
    again.lines = dict(cart.lines)
    carried(till, cart, again.session)
    return again


def carried(till: Till, cart: Cart, to: str, **more: Any) -> None:
    told = {"line_ids": list(cart.lines), "line_quantities": [n for _item, n in cart.lines.values()]}
    till.make("lines_moved", cart.session, {"to_session": to, **told, **more})


def told_last(venue: Venue, cart: Cart) -> tuple[Any, ...]:
    """What an order was told last of the other one."""
    [row] = venue.rows(LAST, cart.session)
    return tuple(row)


def told(venue: Venue) -> int:
    """How often anything was told."""
    return len(venue.rows(TOLD))


def twice(venue: Venue) -> tuple[Till, Till, Cart, Cart, Cart]:
    """Two tills that both recalled one tab, and know it: the tab's order, and what each has."""
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    first, second = recall(one, cart, tab), recall(two, cart, tab, user=2)
    one.shown(first)
    two.shown(second)
    return one, two, cart, first, second


def save(till: Till, cart: Cart) -> None:
    """Put an order on a tab."""
    till.make(
        "tab_assigned", cart.session, {"tab_id": new_id(), "table_number": 7, "covers": None}, texts={"name": "7"}
    )


def settle(till: Till, venue: Venue, cart: Cart) -> None:
    """A manager settles what was found of a tab, on a till."""
    conflict = str(venue.value("SELECT id FROM till.conflicts WHERE subject = %s", cart.session))
    till.make("conflict_resolved", cart.session, {"conflict_id": conflict}, texts={"how": "Till 1 pays it"})
