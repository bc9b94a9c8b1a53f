"""Functions that every PostgreSQL role may call, and that a stolen password of the tills could be abused with.

Large objects and messages to the write-ahead log fill the disk. A million advisory locks fill the shared lock table:
then every push fails, and nobody can log in. A role may also end its own sessions, which are those of all tills.
"""

from __future__ import annotations

from typing import Final

#: The condition that a function `p` is dangerous.
_DANGEROUS: Final = """
    p.pronamespace = 'pg_catalog'::regnamespace AND (
        p.proname LIKE 'lo\\_%' OR p.proname LIKE '%\\_advisory\\_%' OR p.proname IN (
            'loread', 'lowrite', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message'))
"""
#: The roles that keep these functions: the database's owner takes advisory locks and ends blocking sessions.
_KEEPERS: Final = "till_owner, pg_signal_backend"

_CALLABLE: Final = f"""
    SELECT p.oid::regprocedure AS one FROM pg_proc AS p JOIN pg_roles AS r ON r.rolname = 'till_app'
    WHERE {_DANGEROUS} AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
"""  # noqa: S608 - words of ours

#: The dangerous functions that tills may call.
CALLABLE: Final = f"SELECT one::text FROM ({_CALLABLE}) AS o ORDER BY 1"  # noqa: S608 - words of ours

#: Revokes them in a database or a template, by a superuser. The revocation is recorded as if `initdb` had made it, so
#: that it is not part of a backup: only a superuser could restore that.
REVOKE: Final = f"""\
DO $$ DECLARE f regprocedure; BEGIN
    FOR f IN {_CALLABLE.strip()}
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {_KEEPERS}', f);
        INSERT INTO pg_init_privs (objoid, classoid, objsubid, privtype, initprivs)
        SELECT p.oid, 'pg_proc'::regclass, 0, 'i', p.proacl FROM pg_proc AS p
        WHERE p.oid = f AND NOT EXISTS (
            SELECT FROM pg_init_privs AS i WHERE i.objoid = f AND i.classoid = 'pg_proc'::regclass);
    END LOOP;
END $$;"""  # noqa: S608 - words of ours
