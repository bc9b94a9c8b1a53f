-- The sales and refunds under the law of a venue that have no stamp to send.

-- True if a time is under the law of a venue, which begins with a day of the calendar.
create or replace function till.is_under_law(p_venue jsonb, p_at timestamptz) returns boolean
language sql stable as $$
    select coalesce((p_at at time zone coalesce(p_venue->>'timezone', 'UTC'))::date >= (p_venue->'fiscal'->>'from')::date, false)
$$;

-- True if a sale or a refund has a stamp that is sent, or one that waits for a manager.
create or replace function cold.is_stamped(p_store uuid, p_of uuid) returns boolean
language sql stable as $$
    select exists (
        select from cold.fiscal_stamps as s
        where s.store_id = p_store and s.of_id = p_of and (s.state = 'to_send' or s.state = 'waits' and exists (
            select from till.conflicts as c
            where c.store_id = p_store and c.subject = p_of::text and c.kind = 'number_twice' and c.resolved_at is null)))
$$;

-- The sales and given refunds of a venue under its law that have no stamp to send: the whole look, of which
-- `till.fiscal_unstamped` has the answer at hand.
create or replace function cold.find_unstamped(p_store uuid) returns setof uuid
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    since constant date := (venue->'fiscal'->>'from')::date - 3;  -- the furthest business day of a time (`cold.is_about`)
begin
    return query
    select d.id
    from (
        select o.order_id, o.created_at from cold.orders as o
        where o.store_id = p_store and o.business_date >= since and o.receipt is not null
        union all
        select r.refund_id, r.created_at from cold.refunds as r where r.store_id = p_store and r.business_date >= since
    ) as d (id, at)
    where till.is_under_law(venue, d.at) and not exists (
        select from cold.fiscal_stamps as s where s.store_id = p_store and s.of_id = d.id and s.state = 'to_send');
end $$;

-- Makes the list of the unstamped anew, after a change of the law. Returns the number of its changes.
create or replace function cold.list_unstamped(p_store uuid) returns bigint
language plpgsql as $$
declare
    v_changes bigint;
begin
    with found as materialized (
        select cold.find_unstamped(p_store) as id
    ), gone as (
        delete from till.fiscal_unstamped as u
        where u.store_id = p_store and not exists (select from found as f where f.id = u.of_id)
        returning 1
    ), noted as (
        insert into till.fiscal_unstamped (store_id, of_id) select p_store, f.id from found as f on conflict do nothing returning 1
    )
    select (select count(*) from gone) + (select count(*) from noted) into v_changes;
    return v_changes;
end $$;

-- Notes a sale or a given refund that has no stamp to send at the commit of its push. Its stamp is the next record of its till;
-- of a sale that was quarantined, it is there when that is booked. Runs with the rights of the owner: the commit is the caller's.
create or replace function till.note_unstamped() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    v_of uuid;
begin
    if new.receipt is null or not till.is_under_law(till.venue(new.store_id), new.created_at) then
        return null;
    elsif tg_table_name = 'orders' then
        v_of := new.order_id;
    else
        v_of := new.refund_id;
    end if;
    insert into till.fiscal_unstamped (store_id, of_id)
    select new.store_id, v_of where not exists (
        select from cold.fiscal_stamps as s where s.store_id = new.store_id and s.of_id = v_of and s.state = 'to_send')
    on conflict do nothing;
    return null;
end $$;

do $$
declare
    v_table regclass;
begin
    foreach v_table in array '{cold.orders,cold.refunds}'::regclass[] loop
        if not exists (select from pg_trigger as t where t.tgrelid = v_table and t.tgname = 'notes_unstamped') then
            execute format('create constraint trigger notes_unstamped after insert on %s deferrable initially deferred
                for each row execute function till.note_unstamped()', v_table);
        end if;
    end loop;
end $$;

-- Compares what the sender looks for with the whole look, and puts it right. A difference is a fault of the program: a record
-- tells a manager.
create or replace function cold.compare_sending(p_store uuid) returns void
language plpgsql as $$
declare
    v_different bigint;
begin
    update till.fiscal_senders set compared_at = now() where store_id = p_store;
    perform till.silence_sender(s.store_id, null, s.till_id) from till.fiscal_senders as s where s.store_id = p_store;  -- of before an upgrade
    update cold.fiscal_stamps as s set answered = not s.answered
    where s.store_id = p_store and s.answered <> exists (
        select from cold.fiscal_answers as a where a.store_id = s.store_id and a.event_id = s.event_id);
    get diagnostics v_different = row_count;
    v_different := v_different + cold.list_unstamped(p_store);
    if v_different > 0 then
        insert into warm.quarantine (store_id, till_id, reason, sqlstate)
        values (p_store, 0, format(
            'The lists for the sender of invoice records were wrong in %s places on %s. They are right now: settle this, and report it.',
            v_different, to_char(now() at time zone 'UTC', 'YYYY-MM-DD')), 'TL036')
        on conflict do nothing;
        perform till.tell_tills(p_store, 'sessions');
    end if;
end $$;
