-- Metadata of a login: its connection, and anything that a program stores beside it.

-- The most bytes of a login's metadata, as text. Every list reads it whole.
create or replace function session.most_metadata() returns integer
language sql immutable parallel safe as $$
    select 8192
$$;

-- Raises an error for invalid metadata: too many bytes, not an object, or a value that would fail a query over all
-- logins (which reads two of the names as whole numbers).
create or replace function session.refuse_metadata(p_metadata jsonb) returns void
language plpgsql immutable as $$
declare
    bytes constant integer := octet_length(p_metadata::text);
    name text;
begin
    if bytes > session.most_metadata() then
        raise exception 'The metadata of a login has at most % bytes, and this is %. Keep the rest elsewhere.',
            session.most_metadata(), bytes using errcode = 'TL006';
    elsif jsonb_typeof(p_metadata) is distinct from 'object' then
        raise exception 'The metadata of a login is an object.' using errcode = 'TL006';
    elsif p_metadata->>'connection_quality' not in ('GOOD', 'DEGRADED', 'POOR') then
        raise exception 'connection_quality is GOOD, DEGRADED or POOR.' using errcode = 'TL006';
    end if;
    foreach name in array array['frontend_connections', 'sse_connections'] loop
        if p_metadata->>name !~ '^[0-9]{1,6}$' then
            raise exception '% is a whole number, from 0 to 999999.', name using errcode = 'TL006';
        end if;
    end loop;
end $$;

-- Merges changes into metadata, by name; null removes a name.
create or replace function session.merge_metadata(p_known jsonb, p_changes jsonb) returns jsonb
language plpgsql immutable as $$
declare
    merged constant jsonb := coalesce(p_known, '{}') || coalesce(p_changes, '{}');
begin
    return merged - array(select e.key from jsonb_each(merged) as e where e.value = 'null');
end $$;

-- Changes the metadata of a login, and returns it. Without a change nothing is written or locked, because most
-- heartbeats change nothing.
create or replace function session.update_metadata(p_session text, p_changes jsonb) returns jsonb
language plpgsql as $$
declare
    before jsonb;
    after jsonb;
begin
    if octet_length(p_changes::text) > session.most_metadata() then  -- before the changes are merged
        perform session.refuse_metadata(p_changes);
    end if;
    select m.metadata into before from session.session_metadata as m where m.session_id = p_session;
    after := session.merge_metadata(before, p_changes);
    if after is distinct from before then
        perform session.refuse_metadata(after);
        insert into session.session_metadata as m (session_id, metadata) values (p_session, after)
        on conflict (session_id) do update set metadata = session.merge_metadata(m.metadata, p_changes);
    end if;
    return after;
end $$;
