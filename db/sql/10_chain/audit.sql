-- The audit: the cold end of the log. Old events move there unchanged, and can still be found.

-- The whole log, from both of its tables.
create or replace view warm.log as
select * from warm.session_events
union all
select * from cold.order_audit;

-- The events of one session, from the log and the audit. Each partition of the audit has its own index, and there is
-- one more each month, so the audit is read only if the log has fewer events than the session counts. Events that
-- another store wrote under the id of the session are excluded: they have no version.
create or replace function warm.log_of(p_session text) returns setof warm.session_events
language plpgsql stable rows 20 as $$
declare
    here bigint;
begin
    return query select * from warm.session_events as e where e.session_id = p_session and e.version is not null;
    get diagnostics here = row_count;
    if here is distinct from (select s.version from till.order_sessions as s where s.id = p_session) then
        return query select * from cold.order_audit as a where a.session_id = p_session and a.version is not null;
    end if;
end $$;

-- Refuses any change of an event. An event may leave the log only if the audit has it unchanged. The audit is read by
-- its key, because a plan made while the table of a new month was empty would read all of it for each event.
create or replace function warm.refuse_change() returns trigger
language plpgsql set enable_seqscan = off as $$
begin
    if tg_op = 'DELETE' and tg_table_schema = 'warm' and tg_table_name = 'session_events' then
        if exists (
            select from cold.order_audit as a
            where a.event_id = old.event_id and a.received_at = old.received_at and a.hash = old.hash and a.body = old.body
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

-- The body of an event, from the log or the audit; null if it never arrived.
create or replace function warm.body_of(p_store uuid, p_event uuid) returns text
language plpgsql stable as $$
declare
    found_body text;
begin
    select e.body into found_body from warm.session_events as e where e.event_id = p_event;
    if not found and warm.may_be_audited(p_store, p_event) then
        select a.body into found_body from cold.order_audit as a where a.event_id = p_event;
    end if;
    return found_body;
end $$;
