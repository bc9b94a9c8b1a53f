-- The archive of orders that ended long ago (ADR 0023). A session is either in till.order_sessions or in the archive,
-- with all of its rows. The maintenance archives sessions that have no events left in the log; a late record restores
-- them.

-- All order sessions, archived or not, for lookups that change nothing.
create or replace view warm.every_session as
select * from till.order_sessions
union all
select * from cold.order_sessions_archive;

-- Restores a session from the archive, with its checkout and its payment intent. Returns false if it is not archived.
-- Concurrent callers restore it once: the row is read again under the lock.
create or replace function warm.restore_session(p_session text) returns boolean
language plpgsql as $$
begin
    if not exists (select from cold.order_sessions_archive as a where a.id = p_session) then
        return false;
    end if;
    insert into till.order_sessions select a.* from cold.order_sessions_archive as a where a.id = p_session for update;
    if found then
        -- a row that a program wrote since under this id is newer
        insert into warm.session_checkout
        select a.* from cold.session_checkout_archive as a where a.session_id = p_session on conflict do nothing;
        insert into warm.session_payment_intent
        select a.* from cold.session_payment_intent_archive as a where a.session_id = p_session on conflict do nothing;
        delete from cold.session_checkout_archive where session_id = p_session;
        delete from cold.session_payment_intent_archive where session_id = p_session;
        delete from cold.order_sessions_archive where id = p_session;
        perform warm.restore_contents(p_session);
    end if;
    return true;
end $$;

-- Locks a session, and restores it from the archive first if needed. Returns a null row if it does not exist.
create or replace function warm.lock_session(p_session text) returns till.order_sessions
language plpgsql as $$
declare
    s till.order_sessions;
begin
    select * into s from till.order_sessions where id = p_session for no key update;
    if not found and warm.restore_session(p_session) then
        return warm.lock_session(p_session);
    end if;
    return s;
end $$;

-- True if an ended order can be archived: none of its events has arrived since p_since, and it has no open conflict or
-- quarantined record. Events that another store wrote under its id do not count.
create or replace function warm.is_archivable(p_session text, p_since timestamptz) returns boolean
language plpgsql stable as $$
begin
    return not exists (
            select from warm.session_events as e
            where e.session_id = p_session and e.version is not null and e.received_at >= p_since)
        and not exists (select from till.conflicts as c where c.session_id = p_session and c.resolved_at is null)
        and not exists (select from warm.quarantine as q where q.session_id = p_session and q.resolved_at is null);
end $$;

-- The sessions of a store that can be archived, up to a limit: ended, without an event since p_before, and with all of
-- their events deleted from the log or, with p_all, about to be. Each status is read from the oldest entry of its index,
-- so an empty result is fast however many sessions ended later.
create or replace function cold.archivable(p_store uuid, p_before timestamptz, p_all boolean, p_limit integer)
returns setof text
language plpgsql stable set enable_seqscan = off as $$
declare
    ended_status text;
begin
    foreach ended_status in array array['completed', 'discarded'] loop
        return query
        select s.id from till.order_sessions as s
        where s.store_id = p_store and s.status = ended_status and s.created_at < p_before
            and s.arrived_at < p_before and not s.quarantined
            and warm.is_archivable(s.id, case when p_all then p_before else '-infinity' end)
        order by s.created_at, s.id limit p_limit;
    end loop;
end $$;

-- Moves ended sessions to the archive, with their checkouts and payment intents. Returns the number. A session that a push
-- has locked is skipped: the push may add events to it.
create or replace function cold.archive_sessions(p_before timestamptz, p_ids text[]) returns integer
language plpgsql set enable_seqscan = off as $$
declare
    ids text[];
begin
    ids := array(
        select s.id from till.order_sessions as s
        where s.id = any (p_ids) and s.status in ('completed', 'discarded') and s.arrived_at < p_before and not s.quarantined
        for update skip locked
    );
    -- checked again under the lock: only this statement sees the pushes that finished before it
    ids := array(select x from unnest(ids) as x where warm.is_archivable(x, '-infinity'));
    perform cold.move_to_archive(ids);
    return cardinality(ids);
end $$;

-- Moves locked sessions to the archive.
create or replace function cold.move_to_archive(p_ids text[]) returns void
language plpgsql set enable_seqscan = off as $$
begin
    insert into cold.order_sessions_archive select s.* from till.order_sessions as s where s.id = any (p_ids);
    delete from cold.session_checkout_archive where session_id = any (p_ids);
    delete from cold.session_payment_intent_archive where session_id = any (p_ids);
    insert into cold.session_checkout_archive select c.* from warm.session_checkout as c where c.session_id = any (p_ids);
    insert into cold.session_payment_intent_archive
    select i.* from warm.session_payment_intent as i where i.session_id = any (p_ids);
    delete from warm.session_checkout where session_id = any (p_ids);
    delete from warm.session_payment_intent where session_id = any (p_ids);
    delete from till.order_sessions where id = any (p_ids);
    perform cold.move_contents_to_archive(p_ids);
end $$;

-- Refuses to delete an order session unless the other of the two tables has the same row.
create or replace function warm.refuse_losing() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' and tg_table_name = 'order_sessions' then
        if exists (
            select from cold.order_sessions_archive as a where a.id = old.id and to_jsonb(a) = to_jsonb(old)
        ) then
            return old;
        end if;
    elsif tg_op = 'DELETE' then
        if exists (select from till.order_sessions as s where s.id = old.id and to_jsonb(s) = to_jsonb(old)) then
            return old;
        end if;
    end if;
    raise exception 'An order session is never deleted: % of %.% is refused. Clear an open one: till admin sessions close.',
        lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'TL002', hint = 'The maintenance moves sessions that ended long ago to the archive.';
end $$;

do $$
begin
    perform till.always_fire('till.order_sessions', 'never_lost', 'before delete', 'for each row execute function warm.refuse_losing()');
    perform till.always_fire(
        'till.order_sessions', 'never_emptied', 'before truncate', 'for each statement execute function warm.refuse_losing()');
    perform till.never_change('{cold.order_sessions_archive}', 'warm.refuse_losing()');
end $$;
