"""Functions that PostgreSQL lets everybody call, and that a stolen tills' password could be abused with.

Large objects fill the disk, and so do messages to the write-ahead log. A million advisory locks fill the shared lock
table: then no push is taken, and nobody can log in. And a role may end its own sessions: those of every till.
"""

from __future__ import annotations

from typing import Final

#: The condition on a function `p` of this kind.
_HURTS: Final = """
    p.pronamespace = 'pg_catalog'::regnamespace AND (
        p.proname LIKE 'lo\\_%' OR p.proname LIKE '%\\_advisory\\_%' OR p.proname IN (
            'loread', 'lowrite', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message'))
"""
#: The roles that keep them: the owner of the database uses them to take turns, and to end blocking sessions.
_LEFT: Final = "till_owner, pg_signal_backend"

_OPEN: Final = f"""
    SELECT p.oid::regprocedure AS one FROM pg_proc AS p JOIN pg_roles AS r ON r.rolname = 'till_app'
    WHERE {_HURTS} AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
"""  # noqa: S608 - words of ours

#: Those that tills may call.
OPEN: Final = f"SELECT one::text FROM ({_OPEN}) AS o ORDER BY 1"  # noqa: S608 - words of ours

#: Revokes those in a database or a template, by a superuser. It is as if `initdb` had done so: then no backup repeats
#: it, which only a superuser could restore.
SHUT: Final = f"""\
DO $$ DECLARE f regprocedure; BEGIN
    FOR f IN {_OPEN.strip()}
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {_LEFT}', f);
        INSERT INTO pg_init_privs (objoid, classoid, objsubid, privtype, initprivs)
        SELECT p.oid, 'pg_proc'::regclass, 0, 'i', p.proacl FROM pg_proc AS p
        WHERE p.oid = f AND NOT EXISTS (
            SELECT FROM pg_init_privs AS i WHERE i.objoid = f AND i.classoid = 'pg_proc'::regclass);
    END LOOP;
END $$;"""  # noqa: S608 - words of ours
