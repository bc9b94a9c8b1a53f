-- Facts about this database, which every role of the program reads first: its revision, the checksum of its functions, and
-- the version of the program that last upgraded it, with the number of its functions. The body is stored as text, because
-- a parsed body differs after a restore, as if somebody had changed it.
-- for: app, admin, report, program, gateway
CREATE OR REPLACE FUNCTION till.schema_v1() RETURNS TABLE (key text, value text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.key, i.value FROM till.schema_info AS i
    UNION ALL
    SELECT 'revision', v.version_num::text FROM till.alembic_version AS v;
$$;
