-- Facts about this database, for every role of ours to ask before anything else: its revision, the checksum of its
-- functions, and the version of the program that last upgraded it. Its body is kept as text: a parsed one reads otherwise
-- when it comes back from a backup, as if somebody had changed it.
CREATE OR REPLACE FUNCTION till.schema_v1() RETURNS TABLE (key text, value text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.key, i.value FROM till.schema_info AS i
    UNION ALL
    SELECT 'revision', v.version_num::text FROM till.alembic_version AS v;
$$;
