-- Metadata of a login: its connection, and whatever a program keeps beside it.

-- The most bytes of it, as text: it is read whole with every list.
create or replace function session.most_metadata() returns integer
language sql immutable parallel safe as $$
    select 8192
$$;

-- Refuses what no login may have: more than that, what is no object, and what would keep a query over all logins from
-- running (two of the names are read as whole numbers).
create or replace function session.refuse_metadata(p_metadata jsonb) returns void
language plpgsql immutable as $$
declare
    bytes constant integer := octet_length(p_metadata::text);
    one text;
begin
    if bytes > session.most_metadata() then
        raise exception 'The metadata of a login has at most % bytes, and this is %. Keep the rest elsewhere.',
            session.most_metadata(), bytes using errcode = 'TL006';
    elsif jsonb_typeof(p_metadata) is distinct from 'object' then
        raise exception 'The metadata of a login is an object.' using errcode = 'TL006';
    elsif p_metadata->>'connection_quality' not in ('GOOD', 'DEGRADED', 'POOR') then
        raise exception 'connection_quality is GOOD, DEGRADED or POOR.' using errcode = 'TL006';
    end if;
    foreach one in array array['frontend_connections', 'sse_connections'] loop
        if p_metadata->>one !~ '^[0-9]{1,6}$' then
            raise exception '% is a whole number, from 0 to 999999.', one using errcode = 'TL006';
        end if;
    end loop;
end $$;

-- Merge changes into metadata, by name; a null takes a name out.
create or replace function session.merge_metadata(p_known jsonb, p_changes jsonb) returns jsonb
language plpgsql immutable as $$
declare
    whole constant jsonb := coalesce(p_known, '{}') || coalesce(p_changes, '{}');
begin
    return whole - array(select e.key from jsonb_each(whole) as e where e.value = 'null');
end $$;

-- Puts it into the metadata of a login. What is as it was is neither written nor locked: a heartbeat seldom changes any.
create or replace function session.update_metadata(p_session text, p_changes jsonb) returns jsonb
language plpgsql as $$
declare
    before jsonb;
    after jsonb;
begin
    if octet_length(p_changes::text) > session.most_metadata() then  -- before it is put together with what is there
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
