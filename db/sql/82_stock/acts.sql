-- The acts of people on the shelf. A row an event, which is only inserted.

-- The minute of an act: the one that its event names, at most a week before it was typed; never behind its arrival.
create or replace function warm.stock_minute(p_event uuid, p_named text) returns timestamptz
language sql stable as $$
    select least(now(), greatest(coalesce(p_named::timestamptz, x.typed), x.typed - interval '7 days'))
    from (select warm.stands_at(p_event, now()) as typed) as x
$$;

-- Keeps an act on the shelf: pieces come back once for each event that took them off; an undoing is of an act of this venue, and is
-- not undone.
create or replace function warm.on_stock_event(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    what constant text := case e.event_type
        when 'stock_counted' then 'counted' when 'stock_returned' then 'returned' when 'stock_undone' then 'undone' else e.data->>'kind' end;
    which constant uuid := coalesce(e.data->>'of', e.data->>'event');
    item text := e.data->>'item_id';
begin
    if what = 'undone' then
        item := (
            select a.item_id from till.stock_acts as a
            where a.store_id = p_auth.store_id and a.event_id = which and a.kind <> 'undone');
    elsif what = 'returned' and exists (
        select from till.stock_acts as a
        where a.store_id = p_auth.store_id and a.of_event = which and a.item_id = item and a.kind = 'returned' and a.till_id = p_auth.till_id)
    then
        return false;
    end if;
    insert into till.stock_acts (store_id, event_id, item_id, kind, amount, at, of_event, sheet, why, till_id, user_id)
    select p_auth.store_id, e.event_id, item, what, coalesce((e.data->>'amount')::bigint, 0),
        warm.stock_minute(e.event_id, coalesce(e.data->>'seen_at', e.data->>'happened_at')), which, (e.data->>'sheet')::uuid,
        coalesce(e.data->>'why', ''), p_auth.till_id, coalesce(e.user_id, 0)
    where item is not null
    on conflict do nothing;
    return false;
end $$;

-- The moment at which the event that took pieces off an order was undone; null if it was not.
create or replace function warm.taken_again_at(p_store uuid, p_event uuid) returns timestamptz
language plpgsql stable as $$
begin
    return (
        select min(warm.stands_at(u.event_id, u.received_at))
        from warm.event_by_id(p_store, p_event) as e cross join lateral warm.log_of(e.session_id) as u
        where u.event_type = 'change_undone' and u.event_data->>'event' = p_event::text);
end $$;

-- The acts that count, each with its minute. A till undoes what was done at it, and says what came back of what it took off itself: a
-- stolen secret changes no act of another. The desk may do both.
create or replace view till.stock_acts_now as
select a.* from till.stock_acts as a
where a.kind <> 'undone' and not exists (
    select from till.stock_acts as u
    where u.store_id = a.store_id and u.of_event = a.event_id and u.kind = 'undone' and u.till_id in (a.till_id, 0))
    and case when a.kind = 'returned' and a.till_id > 0
        then coalesce((warm.event_by_id(a.store_id, a.of_event)).till_id = a.till_id, false) else true end;

-- The changes that acts made on the shelf since a moment, by item and kind. What came back to the shelf is taken again when the void is
-- undone: an order is open for a month at most.
create or replace function cold.stock_changes(p_store uuid, p_since timestamptz) returns table (item_id text, kind text, amount bigint, at timestamptz)
language plpgsql stable as $$
begin
    return query
    select a.item_id, a.kind, a.amount, a.at from till.stock_acts_now as a
    where a.store_id = p_store and a.kind <> 'counted' and a.at > p_since
    union all
    select a.item_id, a.kind, -a.amount, u.at
    from till.stock_acts_now as a cross join lateral warm.taken_again_at(a.store_id, a.of_event) as u (at)
    where a.store_id = p_store and a.kind = 'returned' and a.at > p_since - interval '31 days' and u.at > p_since;
end $$;
