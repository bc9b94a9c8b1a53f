"""People, tills, programs and settings in the tables that the server's own records do not tell of, as SQL leaves them.

Each act of the administration writes a record into the server's chain. Whoever writes a table past it leaves none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from db.words import _

if TYPE_CHECKING:
    import psycopg

#: The last that the server's chain says of each, against the tables. A record holds no empty value, and says nothing of
#: the settings that a venue began with.
_UNRECORDED: Final = """
    WITH log AS (
        SELECT h.store_id, e.* FROM warm.journal_head AS h CROSS JOIN LATERAL (
            SELECT seq, event_type AS kind, event_data AS data FROM warm.session_events
            WHERE journal_id = h.journal_id AND event_type = ANY (%(kinds)s)
            UNION ALL
            SELECT seq, event_type, event_data FROM cold.order_audit
            WHERE journal_id = h.journal_id AND event_type = ANY (%(kinds)s)) AS e
        WHERE h.till_id = 0),
    said (store_id, seq, what, name, fact, value) AS (
        SELECT store_id, seq, 'user', data->>'user', 'role', data->>'role'
        FROM log WHERE kind IN ('user_added', 'role_set')
        UNION ALL
        SELECT store_id, seq, 'user', data->>'user', 'disabled', (kind = 'user_disabled')::text
        FROM log WHERE kind IN ('user_added', 'user_disabled', 'user_enabled')
        UNION ALL
        SELECT store_id, seq, 'till', data->>'till', 'revoked', (kind = 'till_revoked')::text
        FROM log WHERE kind IN ('till_enrolled', 'till_revoked')
        UNION ALL
        SELECT store_id, seq, 'program', data->>'program', 'revoked', (kind = 'program_revoked')::text
        FROM log WHERE kind IN ('program_added', 'program_revoked')
        UNION ALL
        SELECT store_id, seq, 'setting', k.name, '', coalesce(data->'changes'->k.name, 'null')::text
        FROM log CROSS JOIN jsonb_array_elements_text(data->'keys') AS k (name) WHERE kind = 'settings_changed'),
    last AS (
        SELECT DISTINCT ON (store_id, what, name, fact) * FROM said ORDER BY store_id, what, name, fact, seq DESC),
    held (store_id, what, name, fact, value) AS (
        SELECT store_id, 'user', id::text, x.fact, x.value FROM till.users
        CROSS JOIN LATERAL (VALUES ('role', role), ('disabled', (disabled_at IS NOT NULL)::text)) AS x (fact, value)
        UNION ALL
        SELECT store_id, 'till', id::text, 'revoked', (revoked_at IS NOT NULL)::text FROM till.tills
        UNION ALL
        SELECT store_id, 'program', name, 'revoked', (revoked_at IS NOT NULL)::text FROM till.programs
        UNION ALL
        SELECT l.store_id, 'setting', l.name, '', coalesce(jsonb_strip_nulls(s.body->l.name), 'null')::text
        FROM last AS l JOIN till.settings AS s ON s.store_id = l.store_id AND s.name = 'settings'
        WHERE l.what = 'setting')
    SELECT what, name, fact, h.value, l.value
    FROM held AS h FULL JOIN last AS l USING (store_id, what, name, fact)
    WHERE h.value IS DISTINCT FROM l.value
    ORDER BY what, name, fact DESC
"""
_KINDS: Final = (
    "user_added", "role_set", "user_disabled", "user_enabled", "till_enrolled", "till_revoked", "program_added",
    "program_revoked", "settings_changed",
)  # fmt: skip
#: The most facts that are named; more are counted.
_MOST_NAMED: Final = 8


def unrecorded(connection: psycopg.Connection[Any]) -> str:
    """Return the changes made past the till, such as "user 66: role admin (recorded: none)"; empty if nothing.

    Args:
        connection: a connection with the owner's rights, to a database with the tables of this program.
    """
    found = [
        f"{what} {name}: {f'{fact} ' if fact else ''}{_short(held)} ({_('recorded')}: {_short(recorded)})"
        for what, name, fact, held, recorded in connection.execute(_UNRECORDED, {"kinds": list(_KINDS)})
    ]
    more = [_("{count} more").format(count=len(found) - _MOST_NAMED)] if found[_MOST_NAMED:] else []
    return "; ".join([*found[:_MOST_NAMED], *more])


def _short(value: str | None) -> str:
    return _("none") if value is None else value[:40]
