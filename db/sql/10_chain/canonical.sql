-- The chain and its ids. Tills do the same in Python; the server does it for its own journal.

-- The canonical JSON text of a value: keys sorted by their bytes, no spaces, strings escaped as by Python's
-- json.dumps(ensure_ascii=False), which is also how jsonb prints them.
create or replace function warm.canonical(p_value jsonb) returns text
language plpgsql immutable strict parallel safe as $$
begin
    case jsonb_typeof(p_value)
        when 'object' then
            return '{' || coalesce((
                select string_agg(to_json(key)::text || ':' || warm.canonical(value), ',' order by key collate "C")
                from jsonb_each(p_value)
            ), '') || '}';
        when 'array' then
            return '[' || coalesce((
                select string_agg(warm.canonical(value), ',' order by place)
                from jsonb_array_elements(p_value) with ordinality as element (value, place)
            ), '') || ']';
        else
            return p_value::text;
    end case;
end $$;

-- SHA-256 of a text, in hexadecimal.
create or replace function warm.digest(p_text text) returns text
language plpgsql immutable strict parallel safe as $$
begin
    return encode(sha256(convert_to(p_text, 'UTF8')), 'hex');
end $$;

-- A time in the format of events: RFC 3339 in UTC with microseconds.
create or replace function warm.time_text(p_at timestamptz) returns text
language sql stable strict parallel safe as $$
    select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- The tick of 1/4096 ms in a UUIDv7; 0 for any other id and for null.
create or replace function warm.tick_of(p_id uuid) returns bigint
language plpgsql immutable parallel safe as $$
declare
    digits constant text := replace(p_id::text, '-', '');
begin
    if p_id is null or substr(digits, 13, 1) <> '7' then
        return 0;
    end if;
    return ('x' || substr(digits, 1, 12) || substr(digits, 14, 3))::bit(60)::bigint;
end $$;

-- A UUIDv7 of now that is greater than both given ids (the newest of the journal and of the session), as of a hybrid
-- clock. PostgreSQL's own uuidv7() exists only from version 18 and cannot follow a given id.
create or replace function warm.next_id(p_of_journal uuid, p_of_session uuid) returns uuid
language plpgsql volatile parallel safe as $$
declare
    micros constant bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
    tick constant bigint := greatest(
        micros / 1000 * 4096 + micros % 1000 * 4096 / 1000,
        warm.tick_of(p_of_journal) + 1,
        warm.tick_of(p_of_session) + 1
    );
    digits constant text := lpad(to_hex(tick), 15, '0');
begin
    return (
        substr(digits, 1, 12) || '7' || substr(digits, 13, 3)
        || substr(replace(gen_random_uuid()::text, '-', ''), 17, 16)
    )::uuid;
end $$;

-- A text as a UUID; null if it is not one.
create or replace function warm.as_uuid(p_text text) returns uuid
language sql immutable parallel safe as $$
    select case when p_text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_text::uuid end
$$;
