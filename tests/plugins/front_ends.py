"""Programs other than tills, each with a role of its own in the database of one test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from db import roles
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.address import Address
    from tests.plugins.kept import Kept


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A program, and its connection."""

    store: str
    name: str
    role: str
    way: Address
    session: psycopg.Connection[Any]

    def rows(self, query: str, *parameters: Any) -> list[Any]:
        return self.session.execute(query, parameters).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        return self.rows(query, *parameters)[0][0]

    def put(self, session: str, item: str, quantity: int = 1, price: Any = None, name: str | None = None) -> None:
        """Put a row into the cart, by the statement of docs/adaptations.md."""
        self.session.execute(
            """INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (session_id, item_id) DO UPDATE SET
                quantity = session_cart.quantity + EXCLUDED.quantity,
                updated_at = NOW(),
                is_active = TRUE;""",
            [session, item, name, quantity, price],
        )

    def log(self, session: str, kind: str, **data: Any) -> Any:
        return self.value("SELECT log_event(%s, %s, %s)", session, kind, Jsonb(data))

    def call(self, operation: str, *parameters: Any, actor: int | None = None, store: str = "") -> Any:
        """Call one of the seven operations."""
        values = [Jsonb(one) if isinstance(one, (dict, list)) else one for one in parameters]
        marks = ", ".join(["%s"] * (len(values) + 2))
        query = f"SELECT till.order_session_{operation}_v1({marks})"
        return self.value(query, store or self.store, actor, *values)

    def order(self, session: str, method: str = "cash") -> Any:
        return self.value("SELECT create_order_from_session(%s, 'take_away', %s)", session, method)


@contextmanager
def front_end(
    owner: psycopg.Connection[Any],
    app: Address,
    store: str,
    name: str = "chat",
    maker: psycopg.Connection[Any] | None = None,
    *,
    webhook: bool = False,
    kept: Kept | None = None,
) -> Iterator[FrontEnd]:
    """Add a program. Its role carries the database's name, as the tests copy one venue, and ends with the test.

    In a kept database the role and its connection serve the next test too, unless this one changed the role.
    The menu is on sale at all times from then on, whenever the tests run.

    Args:
        app: an address of the same database.
        maker: a connection that may make roles, if the owner may not.
        webhook: True for a program that only reports payments.
        kept: the database's open connections, if it serves one test after another.
    """
    maker = maker or owner
    unique = f"{name}_{owner.info.dbname.removeprefix('test_')}"
    row = owner.execute("SELECT till.program_add_v1(%s, 9, %s, %s)", [store, unique, webhook]).fetchone()
    assert row is not None
    owner.execute("DELETE FROM cold.menu_item_availability_schedule")
    role = str(row[0])
    group = roles.GATEWAY if webhook else roles.PROGRAM
    if kept is None or kept.programs.get(role) != _rights(maker, role):
        with maker.transaction():
            roles.enable_program(maker, role, f"secret of {name}", group)
    rights = _rights(maker, role)
    way = replace(app, user=role, password=f"secret of {name}")
    try:
        with kept.session(way) if kept else connect(way) as session:
            yield FrontEnd(store, unique, role, way, session)
    finally:
        if kept and _rights(maker, role) == rights:
            kept.programs[role] = rights
        else:
            roles.end_sessions(maker, role)
            maker.execute(f'DROP ROLE IF EXISTS "{role}"'.encode())


def _rights(maker: psycopg.Connection[Any], role: str) -> list[Any]:
    """Return all that the server tells of a role: attributes, settings, and the roles that it belongs to."""
    query = """
        SELECT r::text, array(SELECT m::text FROM pg_auth_members AS m WHERE r.oid IN (m.member, m.roleid) ORDER BY 1)
        FROM pg_roles AS r WHERE r.rolname = %s"""
    return maker.execute(query, [role]).fetchall()
