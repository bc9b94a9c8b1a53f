-- Reading the events of a push. A faulty event does not affect the others: it is quarantined, with its place in the
-- chain (docs/protocol.md, "What is refused").

-- A body as JSON; null if it is not JSON.
create or replace function warm.read_body(p_body text) returns jsonb
language plpgsql immutable as $$
begin
    return replace(p_body, '\u0000', '\ufffd')::jsonb;
exception when data_exception or statement_too_complex then
    return null;
end $$;

-- True if an id is a UUIDv7, which contains its time, and leaves room for greater ids.
create or replace function warm.is_event_id(p_id uuid) returns boolean
language sql immutable parallel safe as $$
    select p_id < 'e6770000-0000-0000-0000-000000000000' and get_byte(uuid_send(p_id), 6) between 112 and 127
        and get_byte(uuid_send(p_id), 8) between 128 and 191
$$;

-- Reads the events of a push. An event of an unknown type is read only in part, with a fault. A `gone` event has only
-- its number and its hash.
create or replace function warm.read_events(p_events jsonb) returns warm.incoming_event[]
language plpgsql stable as $$
begin
    return warm.read_batch(p_events, false);
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
    return warm.read_batch(p_events, true);
end $$;

-- Reads events in one statement, as if all were sound: one comparison checks each event, and warm.fault_of_record finds
-- the fault of one that fails. With `p_careful` each event is checked first, so that a value that cannot be converted
-- does not fail the others. Planned once for a connection, because planning costs as much as reading a few events, and
-- without sequential scans, so that the log is read by its key even if it was small when the plan was made.
create or replace function warm.read_batch(p_events jsonb, p_careful boolean) returns warm.incoming_event[]
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    return (
        select array_agg(
            case when w.fault is null and e.b is not null then row(
                x.seq, x.id, case when x.stream_kind = 'order' then coalesce(
                    (select p.session_id from till.program_sessions as p where p.stream_id = x.stream_id), x.stream_id::text)
                end, x.stream_kind, x.stream_id,
                x.hold_id, x."user", x.login_session, x.shift, x.type, x.v, x.harmless, x.at, x.data,
                x.journal_id, coalesce(x.for_till, x.till), x.for_till, x.store_id, x.prev_hash, e.h, e.b,
                case when e.t is null or e.t = '{}' then '{}' else warm.sealed_texts(e.t, x.data) end,
                encode(sha256(convert_to(e.b, 'UTF8')), 'hex') = e.h,
                exists (select from warm.session_events as s where s.event_id = x.id), false, null, null
            )::warm.incoming_event else warm.read_partly(e.b, e.h, e.t, e.seq, e.gone, w.fault) end
            order by e.place
        )
        from rows from (jsonb_to_recordset(p_events) as (b text, h text, t jsonb, seq bigint, gone boolean))
                with ordinality as e (b, h, t, seq, gone, place)
            cross join lateral (
                select case when p_careful then warm.read_envelope(e.b) else e.b::jsonb end as envelope offset 0
            ) as v
            cross join lateral (
                select case when p_careful then warm.fault_of_record(e.b, v.envelope) end as fault offset 0
            ) as f
            cross join lateral jsonb_to_record(case when f.fault is null then coalesce(v.envelope, '{}') else '{}' end) as x (
                seq bigint, id uuid, stream_kind text, stream_id uuid, hold_id uuid, "user" integer,
                login_session uuid, shift uuid, type text, v bigint, harmless boolean, at timestamptz, data jsonb,
                journal_id uuid, till integer, for_till integer, store_id uuid, prev_hash text
            )
            cross join lateral (
                select case when p_careful then coalesce(f.fault, warm.fault_of_texts(e.t))
                    -- the event is sound if the body, written again from the values, equals the original
                    when e.b = concat(
                        '{"at":"', to_char(x.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '","data":',
                        warm.written_data(x.type, x.v::text, x.stream_kind, x.data), ',"for_till":' || x.for_till, ',"harmless":',
                        case when x.harmless then 'true' else 'false' end, ',"hold_id":',
                        coalesce('"' || x.hold_id || '"', 'null'), ',"id":"', x.id, '","journal_id":"', x.journal_id,
                        '","login_session":', coalesce('"' || x.login_session || '"', 'null'), ',"prev_hash":"',
                        x.prev_hash, '","seq":', x.seq, ',"shift":', coalesce('"' || x.shift || '"', 'null'),
                        ',"store_id":"', x.store_id, '","stream_id":"', x.stream_id, '","stream_kind":"', x.stream_kind,
                        '","till":', x.till, ',"type":"', x.type, '","user":', coalesce(x."user"::text, 'null'), ',"v":',
                        x.v, '}')
                        and x.at >= '1970-01-01 00:00Z' and x.at < '9999-01-01 00:00Z' and x.seq > 0
                        and x.till between 0 and 1000000000 and coalesce(x.for_till, 1) between 1 and 1000000000
                        and coalesce(x."user", 0) between 0 and 1000000000 and warm.is_event_id(x.id)
                        and (x.hold_id is null or warm.is_event_id(x.hold_id))
                        and warm.fault_of_writer(x.type, x.till, x.for_till, x.id, x.hold_id) is null
                        and (e.t is null or e.t = '{}' or warm.fault_of_texts(e.t) is null) then null
                    else coalesce(warm.fault_of_record(e.b, v.envelope), warm.fault_of_texts(e.t)) end as fault
                offset 0
            ) as w
    );
end $$;

-- The readable parts of a record that is not an event of a known type, above all its place in the chain.
create or replace function warm.read_partly(
    p_body text, p_hash text, p_texts jsonb, p_seq bigint, p_gone boolean, p_fault text
) returns warm.incoming_event
language plpgsql stable as $$
declare
    e warm.incoming_event;
    uuid_like constant text := '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    x jsonb;
begin
    e.hash := p_hash;
    e.texts := '{}';
    if p_body is null then
        e.gone := coalesce(p_gone, false);
        e.seq := p_seq;
        return e;
    end if;
    x := coalesce(
        warm.read_body(p_body),
        warm.read_body('{' || substring(p_body from '\},("harmless":[^{}]*\})$')), 'null');
    e.gone := false;
    e.stood := false;
    e.body := p_body;
    e.sealed := warm.digest(p_body) = p_hash;
    e.seq := case when x->>'seq' ~ '^[1-9][0-9]{0,17}$' then (x->>'seq')::bigint end;
    e.journal_id := case when x->>'journal_id' ~ uuid_like then (x->>'journal_id')::uuid end;
    e.store_id := case when x->>'store_id' ~ uuid_like then (x->>'store_id')::uuid end;
    e.till_id := case when x->>'till' ~ '^[0-9]{1,9}$' then (x->>'till')::integer end;
    e.for_till := case when x->>'for_till' ~ '^[0-9]{1,9}$' then (x->>'for_till')::integer end;
    e.prev_hash := x->>'prev_hash';
    e.event_id := case when x->>'id' ~ uuid_like then (x->>'id')::uuid end;
    e.session_id := case when x->>'stream_id' ~ uuid_like and x->>'stream_kind' = 'order' then warm.session_of(x->>'stream_id') end;
    e.event_type := left(x->>'type', 63);
    e.data := case when jsonb_typeof(x->'data') = 'object' then x->'data' else '{}' end;
    if p_texts is not null and warm.fault_of_texts(p_texts) is null then
        e.texts := warm.sealed_texts(p_texts, e.data);
    end if;
    e.fault := upper(left(p_fault, 1)) || substr(p_fault, 2) || '.';
    e.state := case when exists (
        select from warm.event_types as t
        where t.type = e.event_type and (x->>'v' !~ '^[0-9]{1,9}$' or (x->>'v')::numeric <= t.v)) then 'TL010' else 'TL011' end;
    return e;
end $$;

-- The smallest id of a time: any id made later is greater.
create or replace function warm.least_id(p_at timestamptz) returns uuid
language sql stable parallel safe as $$
    select (lpad(to_hex((extract(epoch from p_at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;
