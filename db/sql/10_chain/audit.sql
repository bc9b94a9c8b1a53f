-- The audit: the cold end of the log. Old events move there unchanged, and can still be found.

-- The whole log, from both of its tables.
create or replace view warm.log as
select * from warm.session_events
union all
select * from cold.order_audit;

-- The time in a UUIDv7; null for any other id.
create or replace function warm.time_of(p_id text) returns timestamptz
language sql immutable strict parallel safe as $$
    select case when substr(p_id, 15, 1) = '7'
        then to_timestamp(('x' || left(replace(p_id, '-', ''), 12))::bit(48)::bigint / 1000.0) end
$$;

-- The rows `a` of the audit that a condition describes; of these only the ones that also fit `p_only`, if given. The months from
-- `p_since` to `p_until` are read first, none if these are null. They are a guess: tills are away, clocks are wrong, orders are
-- corrected months later. So the other months are read too, unless the first have as many rows as are missing.
--
-- The months are constants of the statement, so that only their tables and indexes are opened, and no plan over all of them
-- stays in the connection.
create or replace function cold.from_audit(
    p_which text, p_missing bigint, p_since timestamptz, p_until timestamptz, p_only text default null
) returns setof warm.session_events
language plpgsql stable rows 20 as $$
declare
    months constant text := format(
        'a.received_at >= %L and a.received_at < %L', date_trunc('month', p_since at time zone 'UTC') at time zone 'UTC',
        (date_trunc('month', p_until at time zone 'UTC') + interval '1 month') at time zone 'UTC');
    described constant text := 'select a.* from cold.order_audit as a where ' || p_which || coalesce(' and ' || p_only, '');
    there bigint;
begin
    if p_since is null or p_until is null then
        return query execute described;
        return;
    end if;
    return query execute described || ' and ' || months;
    get diagnostics there = row_count;
    if p_only is not null then
        execute format('select count(*) from cold.order_audit as a where %s and %s', p_which, months) into there;
    end if;
    if there < p_missing then
        return query execute format('%s and not (%s)', described, months);
    end if;
end $$;

-- The events of the audit with some ids, whose times suggest the months.
create or replace function cold.audited_events(p_ids uuid[]) returns setof warm.session_events
language plpgsql stable rows 20 as $$
declare
    first timestamptz;
    last timestamptz;
begin
    if cardinality(p_ids) = 0 then
        return;
    end if;
    select min(t), max(t) into first, last from unnest(p_ids) as id cross join lateral warm.time_of(id::text) as t;
    return query
    select * from cold.from_audit(
        format('a.event_id = any (%L)', p_ids), cardinality(p_ids), first - interval '1 day', last + interval '7 days');
end $$;

-- The events of the audit of some types that tills wrote from one time to another, without those that arrived a day before or
-- earlier. Nothing tells how many there are, so all months since are read.
create or replace function cold.audited_on(p_store uuid, p_begins timestamptz, p_ends timestamptz, p_types text[])
returns setof warm.session_events
language plpgsql stable as $$
begin
    return query
    select * from cold.from_audit(
        format('a.store_id = %L and a."timestamp" >= %L and a."timestamp" < %L and a.event_type = any (%L) and a.received_at >= %L',
            p_store, p_begins, p_ends, p_types, p_begins - interval '1 day'),
        0, p_begins - interval '1 day', greatest(p_begins, now()));
end $$;

-- The events of a session in the audit after a version and up to another. They arrived between the beginning of the order and its
-- last arrival, or in any other month. Versions have no gaps: those that the log does not have are here.
create or replace function cold.audited_of(p_session text, p_after bigint, p_upto bigint) returns setof warm.session_events
language plpgsql stable rows 20 as $$
declare
    s record;
    newest bigint;
    upto bigint;
    missing bigint;
begin
    select x.version, x.created_at, x.arrived_at into s from warm.every_session as x where x.id = p_session;
    select max(e.version) into newest from warm.session_events as e where e.session_id = p_session;
    upto := least(p_upto, greatest(s.version, newest));
    select upto - p_after - count(*) into missing
    from warm.session_events as e where e.session_id = p_session and e.version > p_after and e.version <= upto;
    if missing > 0 then
        return query
        select * from cold.from_audit(
            format('a.session_id = %L and a.version > %s and a.version <= %s', p_session, p_after, upto), missing,
            s.created_at - interval '1 day', s.arrived_at);
    end if;
end $$;

-- The events of the audit between two places of a chain. They arrived between two times, or in any other month. A place that is
-- no event of the log, no link and no gap is one, or was quarantined.
create or replace function cold.audited_places(
    p_journal uuid, p_first bigint, p_last bigint, p_since timestamptz, p_until timestamptz, p_only text default null
) returns setof warm.session_events
language plpgsql stable rows 20 as $$
declare
    missing constant bigint := p_last - p_first + 1 - (
        select count(*) from (
            select e.seq from warm.session_events as e where e.journal_id = p_journal and e.seq between p_first and p_last
            union
            select l.seq from warm.event_links as l where l.journal_id = p_journal and l.seq between p_first and p_last
            union
            select l.seq from cold.order_audit_links as l where l.journal_id = p_journal and l.seq between p_first and p_last
            union
            select g.seq from warm.chain_gaps as g where g.journal_id = p_journal and g.seq between p_first and p_last
        ) as x);
begin
    if missing > 0 then
        return query
        select * from cold.from_audit(
            format('a.journal_id = %L and a.seq between %s and %s', p_journal, p_first, p_last), missing,
            p_since - interval '1 day', p_until, p_only);
    end if;
end $$;

-- The first event of a journal, from the log or the audit.
create or replace function warm.first_of(p_journal uuid) returns warm.session_events
language plpgsql stable as $$
declare
    e warm.session_events;
    opened constant timestamptz := (select h.opened_at from warm.journal_head as h where h.journal_id = p_journal);
begin
    select * into e from warm.session_events as x where x.journal_id = p_journal and x.seq = 1;
    if not found then
        select * into e from cold.audited_places(p_journal, 1, 1, opened, opened) limit 1;
    end if;
    return e;
end $$;

-- The events of one session, from the log and the audit. The audit is read only if the log has fewer events than the session
-- counts. Events that another store wrote under the id of the session are excluded: they have no version.
create or replace function warm.log_of(p_session text) returns setof warm.session_events
language plpgsql stable rows 20 as $$
declare
    here bigint;
begin
    return query select * from warm.session_events as e where e.session_id = p_session and e.version is not null;
    get diagnostics here = row_count;
    if here is distinct from (select s.version from till.order_sessions as s where s.id = p_session) then
        return query select * from cold.audited_of(p_session, 0, 9223372036854775807);
    end if;
end $$;

-- Refuses any change of an event. An event may leave the log only if the audit has it unchanged.
create or replace function warm.refuse_change() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' and tg_table_schema = 'warm' and tg_table_name = 'session_events' then
        if exists (
            select from cold.from_audit(format('a.event_id = %L', old.event_id), 1, old.received_at, old.received_at) as a
            where a.received_at = old.received_at and a.hash = old.hash and a.body = old.body
        ) then
            return old;
        end if;
    elsif tg_op = 'DELETE' and tg_table_schema = 'warm' and tg_table_name = 'event_links' then
        if exists (
            select from cold.order_audit_links as a
            where a.journal_id = old.journal_id and a.seq = old.seq and a.hash = old.hash
        ) then
            return old;
        end if;
    end if;
    raise exception 'An event never changes: % of %.% is refused. Correct it with another event.',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002';
end $$;

do $$
begin
    perform till.never_change(
        '{warm.session_events,warm.event_links,warm.chain_gaps,cold.order_audit,cold.order_audit_links}', 'warm.refuse_change()');
    perform till.always_fire(i.inhrelid, 'never_emptied', 'before truncate', 'for each statement execute function warm.refuse_change()')
    from pg_inherits as i where i.inhparent = 'cold.order_audit'::regclass;
end $$;

-- The number of events of a store that are in no monthly partition of the audit. They are found like all others.
create or replace function cold.in_no_month(p_store uuid) returns bigint
language plpgsql stable as $$
begin
    return (select count(*) from cold.order_audit_other as a where a.store_id = p_store);
end $$;

-- Creates the partition of a month (UTC) if it is missing. It is attached, because creating it in place would block all
-- readers of the audit. A month gets no partition if the default partition has events of it: attaching would fail, and
-- no event would ever move again.
create or replace function cold.make_audit_partition(p_month timestamp) returns void
language plpgsql as $$
declare
    part constant text := 'order_audit_' || to_char(p_month, 'YYYY_MM');
begin
    if to_regclass('cold.' || part) is not null or exists (
        select from cold.order_audit_other as a
        where a.received_at >= p_month at time zone 'UTC'
            and a.received_at < (p_month + interval '1 month') at time zone 'UTC')
    then
        return;
    end if;
    execute format('create table cold.%I (like cold.order_audit)', part);
    execute format(
        'alter table cold.order_audit attach partition cold.%I for values from (%L) to (%L)',
        part, p_month at time zone 'UTC', (p_month + interval '1 month') at time zone 'UTC');
    execute format('alter table cold.%I enable always trigger never_changes', part);
    perform till.always_fire(
        ('cold.' || part)::regclass, 'never_emptied', 'before truncate', 'for each statement execute function warm.refuse_change()');
end $$;

-- Creates the partition of this month long before the first event moves there, because attaching one blocks all readers
-- of the audit until the transaction ends. If somebody reads the audit now, a later call does it.
create or replace function cold.ready_month() returns void
language plpgsql set lock_timeout = '100ms' as $$
begin
    perform cold.make_audit_partition(date_trunc('month', now() at time zone 'UTC'));
exception when lock_not_available then
    null;
end $$;

-- The chains of a store that have events or links from before a time in the log.
create or replace function cold.chains_to_move(p_store uuid, p_before timestamptz) returns setof uuid
language plpgsql stable set enable_seqscan = off as $$
begin
    return query
    select h.journal_id from warm.journal_head as h
    where h.store_id = p_store and (
        p_before > (select e.received_at from warm.session_events as e where e.journal_id = h.journal_id order by e.seq limit 1)
        or exists (select from warm.event_links as l where l.journal_id = h.journal_id and l.received_at < p_before))
    order by h.journal_id;
end $$;

-- Moves the oldest events of chains that arrived before a time to the audit, with their texts and their links in other
-- chains, up to a limit. Returns the number moved. A chain moves from its beginning. Without `p_journals` all chains of the store do.
create or replace function cold.move_to_audit(
    p_store uuid, p_before timestamptz, p_limit integer, p_journals uuid[] default null
) returns integer
language plpgsql as $$
declare
    journals constant uuid[] := coalesce(p_journals, array(select cold.chains_to_move(p_store, p_before)));
    j uuid;
    ids uuid[];
    moved integer := 0;
begin
    foreach j in array journals loop
        exit when moved >= p_limit;
        ids := array(
            select x.event_id from (
                select e.event_id, e.received_at from warm.session_events as e
                where e.journal_id = j order by e.seq limit p_limit - moved
            ) as x where x.received_at < p_before
        );
        perform cold.move_events(p_store, ids);
        moved := moved + cardinality(ids);
    end loop;
    with old as (
        select l.journal_id, l.seq from warm.event_links as l
        where l.journal_id = any (journals) and l.received_at < p_before
        order by l.journal_id, l.seq limit p_limit
    ), kept as (
        insert into cold.order_audit_links
        select l.* from warm.event_links as l join old using (journal_id, seq)
        returning journal_id, seq
    )
    select moved + count(*) into moved from kept;
    delete from warm.event_links as l using cold.order_audit_links as a
    where a.journal_id = l.journal_id and a.seq = l.seq;
    return moved;
end $$;

create or replace function cold.move_events(p_store uuid, p_ids uuid[]) returns void
language plpgsql as $$
declare
    month timestamp;
begin
    for month in
        select distinct date_trunc('month', e.received_at at time zone 'UTC')
        from warm.session_events as e where e.event_id = any (p_ids)
    loop
        perform cold.make_audit_partition(month);
    end loop;
    insert into cold.order_audit select e.* from warm.session_events as e where e.event_id = any (p_ids);
    insert into cold.order_audit_texts (event_id, field, salt, text, store_id)
    select t.event_id, t.field, t.salt, t.text, t.store_id from warm.event_texts as t where t.event_id = any (p_ids)
    for update;  -- texts being erased are not moved
    delete from warm.session_events as e where e.event_id = any (p_ids);
    insert into cold.audit_reach as r (store_id, newest)
    select p_store, x from unnest(p_ids) as x order by x desc limit 1
    on conflict (store_id) do update set newest = greatest(r.newest, excluded.newest);
end $$;

-- True if the audit may have an event, because it has events that are as new. Ids contain their time, and most events
-- are newer than the audit.
create or replace function warm.may_be_audited(p_store uuid, p_event uuid) returns boolean
language plpgsql stable as $$
begin
    return exists (select from cold.audit_reach as r where r.store_id = p_store and r.newest >= p_event);
end $$;

-- An event by its id, from the log or the audit; null if it never arrived.
create or replace function warm.event_by_id(p_store uuid, p_event uuid) returns warm.session_events
language plpgsql stable as $$
declare
    e warm.session_events;
begin
    select * into e from warm.session_events as x where x.event_id = p_event;
    if not found and warm.may_be_audited(p_store, p_event) then
        select * into e from cold.audited_events(array[p_event]);
    end if;
    return e;
end $$;

-- Facts of many events by their ids, from the log or the audit: a report asks once.
create or replace function warm.events_by_id(p_store uuid, p_events uuid[])
returns table (event_id uuid, session_id text, user_id integer, "timestamp" timestamptz, event_data jsonb)
language plpgsql stable rows 1000 as $$
declare
    here bigint;
begin
    return query
    select e.event_id, e.session_id, e.user_id, e."timestamp", e.event_data from warm.session_events as e where e.event_id = any (p_events);
    get diagnostics here = row_count;
    if here < cardinality(p_events) then
        return query
        select a.event_id, a.session_id, a.user_id, a."timestamp", a.event_data
        from cold.audited_events(array(
            select distinct x from unnest(p_events) as x
            where warm.may_be_audited(p_store, x) and not exists (select from warm.session_events as e where e.event_id = x))) as a;
    end if;
end $$;

-- The events of some types of many sessions, from the log and the audit.
create or replace function warm.logs_of(p_sessions text[], p_types text[])
returns table (session_id text, event_id uuid, event_type text, event_data jsonb)
language plpgsql stable rows 1000 as $$
begin
    return query
    select e.session_id, e.event_id, e.event_type, e.event_data from warm.session_events as e
    where e.session_id = any (p_sessions) and e.version is not null and e.event_type = any (p_types);
    return query
    select a.session_id, a.event_id, a.event_type, a.event_data
    from (
        select x.id from unnest(p_sessions) as x (id) left join till.order_sessions as s on s.id = x.id
        where s.version is distinct from (
            select count(*) from warm.session_events as e where e.session_id = x.id and e.version is not null) offset 0
    ) as part cross join lateral cold.audited_of(part.id, 0, 9223372036854775807) as a
    where a.event_type = any (p_types);
end $$;

-- The body of an event, from the log or the audit; null if it never arrived.
create or replace function warm.body_of(p_store uuid, p_event uuid) returns text
language plpgsql stable as $$
begin
    return (warm.event_by_id(p_store, p_event)).body;
end $$;
