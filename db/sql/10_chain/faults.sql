-- Checks of a record: its envelope and the data of its type, by the same shapes as the code of the tills (types.sql is
-- generated from it, and one table of good and bad records tests both).

-- The envelope in a body; null if the body is not a JSON object that this database can store.
create or replace function warm.read_envelope(p_body text) returns jsonb
language plpgsql immutable as $$
declare
    found jsonb;
begin
    found := p_body::jsonb;  -- not in the declaration, where the handler would not apply
    return case when jsonb_typeof(found) = 'object' then found end;
exception when data_exception or program_limit_exceeded then
    return null;
end $$;

-- The fault of the data of a record, as half a sentence; null if it fits its type.
create or replace function warm.fault_of_shape(p_type text, p_v bigint, p_stream text, p_data jsonb) returns text
language plpgsql stable as $$
declare
    known warm.event_types;
    unknown_keys text;
begin
    select * into known from warm.event_types as t where t.type = p_type;
    if not found or p_v > known.v then
        return 'the record was made by a newer till';
    elsif p_stream is distinct from known.stream_kind then
        return 'the record is in a stream where it does not belong';
    elsif p_v < known.v and jsonb_typeof(p_data) = 'object' then
        return null;  -- readers convert it to the current version
    end if;
    begin
        -- compared as text, because as jsonb 1.0 equals 1
        if warm.written_data(p_type, p_v::text, p_stream, p_data)::jsonb::text = p_data::text then
            return null;
        end if;
    exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        null;  -- a value that does not convert does not fit
    end;
    if jsonb_typeof(p_data) = 'object' then
        select string_agg(k, ', ' order by k) into unknown_keys from jsonb_object_keys(p_data) as k where k <> all (known.keys);
    end if;
    return coalesce('the record has fields that ' || p_type || ' does not have: ' || left(unknown_keys, 100), 'the data of the record is not that of ' || p_type);
end $$;

-- The fault of the hold or of the writer of a record, as half a sentence; null for none.
create or replace function warm.fault_of_writer(
    p_type text, p_till integer, p_for_till integer, p_id uuid, p_hold_id uuid
) returns text
language sql immutable parallel safe as $$
    select case
        when p_till > 0 and (p_for_till is not null or p_type = any (warm.kinds_by_server())) then 'only the database can write such a record'
        when p_type = any (warm.kinds_that_take()) and p_hold_id is distinct from p_id
            then 'the record makes a hold of an order and does not name itself'
    end
$$;

-- The fault of the free texts beside a record, as half a sentence; null for none.
create or replace function warm.fault_of_texts(p_texts jsonb) returns text
language plpgsql immutable as $$
begin
    if jsonb_typeof(p_texts) <> 'object' then
        return 'the texts of the record cannot be read';
    end if;
    return (
        select case
            when count(*) > warm.most_texts() then 'the record has too many texts'
            when bool_or(length(x.value->>'text') > warm.longest_free()) then 'a text of the record is too long'
        end
        from jsonb_each(p_texts) as x
    );
end $$;

-- True if a text is the one whose digest a record has. A salt has one length: else the beginning of a text could be
-- moved into its salt, under the same digest.
create or replace function warm.is_sealed_text(p_salt text, p_text text, p_digest text) returns boolean
language sql immutable as $$
    select coalesce(p_salt ~ '^[0-9a-f]{32}$' and warm.digest(p_salt || p_text) = p_digest, false)
$$;

-- The texts beside a record that are those whose digests its data has: altered texts are dropped.
create or replace function warm.sealed_texts(p_texts jsonb, p_data jsonb) returns jsonb
language sql immutable as $$
    select coalesce(jsonb_object_agg(t.key, t.value), '{}') from jsonb_each(p_texts) as t
    where warm.is_sealed_text(t.value->>'salt', t.value->>'text', p_data->'digests'->>t.key)
$$;

-- The fault of the envelope of a record, as half a sentence; null for none.
create or replace function warm.fault_of_envelope(p_envelope jsonb) returns text
language plpgsql stable as $$
begin
    if warm.written_envelope(p_envelope, (p_envelope->'data')::text)::jsonb::text = p_envelope::text then
        return null;
    end if;
    return 'the envelope of the record does not fit';
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    return 'the envelope of the record does not fit';
end $$;

-- True if an envelope and its data fit their types, so that their values can be added up.
create or replace function warm.is_readable(p_envelope jsonb) returns boolean
language plpgsql stable as $$
begin
    if p_envelope is null or warm.fault_of_envelope(p_envelope) is not null then
        return false;  -- before a version that is not a number is cast
    end if;
    return warm.fault_of_shape(
        p_envelope->>'type', (p_envelope->>'v')::bigint, p_envelope->>'stream_kind', p_envelope->'data') is null;
end $$;

-- The fault of a record, as half a sentence; null if every till can read it. Checks its envelope, its data, that its
-- body is their canonical text, and that its writer may write it. One comparison proves the text; only if it fails are
-- the parts checked.
create or replace function warm.fault_of_record(p_body text, p_envelope jsonb) returns text
language plpgsql stable as $$
declare
    fault text;
    is_canonical boolean := false;
begin
    begin
        is_canonical := warm.written_envelope(p_envelope, warm.written_data(
            p_envelope->>'type', p_envelope->>'v', p_envelope->>'stream_kind', p_envelope->'data')) = p_body;
    exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        null;  -- a value that does not convert does not fit
    end;
    if is_canonical is not true then
        fault := case when p_envelope is null then 'the record cannot be read as an event' else warm.fault_of_envelope(p_envelope) end;
        if fault is not null then
            return fault;  -- before a version that is not a number is cast, even by the planner
        end if;
        fault := coalesce(
            warm.fault_of_shape(
                p_envelope->>'type', (p_envelope->>'v')::bigint, p_envelope->>'stream_kind', p_envelope->'data'),
            case when (p_envelope->>'v')::bigint = (select t.v from warm.event_types as t where t.type = p_envelope->>'type')
                or warm.canonical(p_envelope) is distinct from p_body then 'the record is not written as tills write' end);
        if fault is not null then
            return fault;
        end if;
    end if;
    return warm.fault_of_writer(
        p_envelope->>'type', (p_envelope->>'till')::integer, (p_envelope->>'for_till')::integer, (p_envelope->>'id')::uuid,
        (p_envelope->>'hold_id')::uuid);
end $$;
