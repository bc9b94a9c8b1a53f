"""Invariants after every step: cheap to check, and checked of what the step changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.violation import hold
from till.domain.order.evolve import fold
from till.ports import LightState

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World


def check_till(world: World, machine: Machine, *, thorough: bool) -> None:
    """Check the invariants of a till; `thorough` for the till of the last step."""
    if not machine.is_up:
        return
    light_is_honest(world, machine)
    if thorough:
        nothing_twice_on_disk(machine)
        if machine.screen:
            screen_is_on_disk(machine)


def check_server(world: World) -> None:
    """Check the invariants of the database, if anything reached it."""
    server = world.server
    if not server.touched:
        return
    server.touched = False
    twice, unlike, uneven = server.rows(_AT_EVERY_STEP, *[server.store] * 3)[0]
    hold("nothing twice", holds=not twice, what=f"{twice} in the log")
    hold("totals agree", holds=not unlike, what=f"{unlike} are not what their events say")
    hold("totals agree", holds=not uneven, what=f"{uneven} do not add up")


#: Subjects that stand twice in the log; cold orders that are not what was placed; cold orders that do not add up, with
#: payments that another sale has.
UNEVEN: Final = """
    SELECT array_agg(o.order_id::text) FROM cold.orders AS o WHERE o.store_id = %s AND (
        o.total_amount - o.service_charge <>
        (SELECT coalesce(sum(i.subtotal), 0) FROM cold.order_item AS i WHERE i.order_id = o.order_id)
        OR o.total_amount + o.rounding <>
        (SELECT coalesce(sum(p.amount - p.tip), 0) FROM cold.order_payment AS p WHERE p.order_id = o.order_id) +
        (SELECT coalesce(sum((q->>'amount')::numeric - coalesce((q->>'tip')::numeric, 0)), 0)
        FROM warm.session_events AS e, jsonb_array_elements(e.event_data->'payments') AS q
        WHERE e.event_id = o.event_id AND EXISTS (SELECT FROM cold.order_payment AS p
            WHERE p.payment_id = (q->>'payment_id')::uuid AND NOT p.is_change AND p.order_id <> o.order_id)))"""
_AT_EVERY_STEP: Final = f"""
    SELECT (SELECT array_agg(x.subject) FROM (
        SELECT coalesce(e.event_data->>'line_id', e.event_data->>'payment_id', e.event_data->>'order_id') AS subject
        FROM warm.session_events AS e
        WHERE e.store_id = %s AND e.event_type IN ('item_added', 'payment_approved', 'order_placed')
        GROUP BY e.event_type, subject,
            CASE WHEN e.event_type = 'payment_approved' THEN e.journal_id END HAVING count(*) > 1) AS x),
    (SELECT array_agg(o.order_id::text) FROM cold.orders AS o
        LEFT JOIN warm.session_events AS e ON e.event_id = o.event_id
        WHERE o.store_id = %s AND (e.event_data->>'total')::numeric IS DISTINCT FROM o.total_amount),
    ({UNEVEN})"""  # noqa: S608 - ours


def nothing_twice_on_disk(machine: Machine) -> None:
    """No event has two places in the chain of a till."""
    if machine.counted == machine.fuse.changes:
        return
    machine.counted = machine.fuse.changes
    rows = machine.journal._disk.rows("SELECT id FROM own GROUP BY id HAVING count(*) > 1")
    hold("nothing twice", holds=not rows, what=f"{rows} on the disk of till {machine.number}")


def light_is_honest(world: World, machine: Machine) -> None:
    """The light never says saved while an event is unacknowledged, or is missing in the database."""
    if machine.register.light.state is not LightState.SAVED:
        return
    head = machine.journal.head
    hold("the light is honest", holds=machine.journal.acked == head, what=f"till {machine.number} is not acknowledged")
    if machine.age == world.server.age:
        what = f"till {machine.number} says saved at {head.seq}, which the database has not"
        hold("the light is honest", holds=world.server.has(machine.journal.journal_id, head), what=what)


def screen_is_on_disk(machine: Machine) -> None:
    """A screen shows the fold of the events on that till's disk, neither more nor less."""
    session = machine.screen or ""
    if machine.checked == (session, machine.fuse.changes):
        return
    machine.checked = (session, machine.fuse.changes)
    shown = machine.register.ledger.find(session)
    kept = fold(machine.journal.events_of(session))
    hold("the screen is on disk", holds=shown == kept, what=f"till {machine.number} shows {shown}, has {kept}")
