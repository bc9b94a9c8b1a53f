-- The pieces left of counted items: the newest count, less what all lines hold now, plus what they held at the count. A row
-- of warm.counted_changes is what one event made of one line (`pieces`, null for all of them), or with another `by_event`
-- that this event no longer counts. Rows are only inserted, so that no push waits for the row of another.

-- The types that change what a line of a counted item holds.
create or replace function warm.kinds_counted() returns text[]
language sql immutable parallel safe as $$
    select array['item_added', 'quantity_changed', 'line_voided', 'line_cut', 'change_undone', 'refused', 'order_discarded',
        'order_resumed', 'order_placed', 'lines_rung_again']::text[]
$$;

-- The time at which an event stands: that of its id, at most the time at which the server took it.
create or replace function warm.stands_at(p_event uuid, p_taken timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select least(p_taken, to_timestamp(('x' || left(replace(p_event::text, '-', ''), 12))::bit(48)::bigint / 1000.0))
$$;

-- Locks what is counted: pushes together, a count alone, so that each push sees the counts before it and each count the
-- lines of the pushes before it.
create or replace function warm.lock_counts(p_store uuid, p_alone boolean) returns void
language plpgsql as $$
begin
    if p_alone then
        perform pg_advisory_xact_lock(hashtext('till.counts'), hashtext(p_store::text));
    else
        perform pg_advisory_xact_lock_shared(hashtext('till.counts'), hashtext(p_store::text));
    end if;
end $$;

-- The item of a line, also of one that was cut from another.
create or replace function warm.item_of_line(p_line uuid) returns table (item_id text, item_name text)
language plpgsql stable as $$
declare
    line uuid := p_line;
    content warm.every_content;
begin
    while line is not null loop  -- one by one: a join may read all of the log
        select * into content from warm.every_content as c where c.content_id = line limit 1;
        return query
        select e.event_data->>'item_id', e.event_data->>'item_name'
        from warm.session_events as e where e.event_id = content.event_id and e.event_type = 'item_added';
        line := content.parent_id;
    end loop;
end $$;

-- The lines whose pieces an event changes; of a sale those that were cleared before. Who undoes an undo changes none: a till
-- may write two that undo each other.
create or replace function warm.lines_touched(p_type text, p_session text, p_data jsonb) returns setof uuid
language plpgsql stable as $$
begin
    if p_type in ('change_undone', 'refused') then
        return query
        select t from jsonb_array_elements_text(coalesce(p_data->'events', jsonb_build_array(p_data->'event'))) as n (id)
        join warm.session_events as x on x.event_id = n.id::uuid and x.session_id = p_session
        cross join lateral warm.lines_touched(x.event_type, x.session_id, x.event_data) as t
        where x.event_type = any (warm.kinds_counted()) and x.event_type <> 'refused'
            and (x.event_type <> 'change_undone' or p_type = 'refused');
    elsif p_type = 'order_resumed' then
        return query
        select t from warm.session_events as x
        cross join lateral warm.lines_touched(x.event_type, p_session, x.event_data) as t
        where x.session_id = p_session and x.event_type = 'order_discarded';
    elsif p_type = 'order_placed' then
        return query
        select c.line_id from warm.listed_in(p_data) as l join warm.counted_changes as c on c.line_id = l.content_id and c.pieces is null
        where not l.is_payment;
    else
        return query
        select (x #>> '{}')::uuid from jsonb_path_query(p_data, '$.line_id') as x
        union
        select (x #>> '{}')::uuid from jsonb_path_query(p_data, '$.into') as x
        union
        select (x #>> '{}')::uuid from jsonb_path_query(p_data, '$.line_ids[*]') as x;
    end if;
end $$;

-- Writes what the events of lines did, and which of these no longer count, of the lines of counted items.
create or replace function warm.count_lines(p_store uuid, p_lines uuid[]) returns void
language plpgsql as $$
begin
    insert into warm.counted_changes (store_id, line_id, event_id, by_event, item_id, at, pieces, sent)
    with line as materialized (
        select l.id, l.id::text as word, i.item_id, i.item_name
        from unnest(p_lines) as l (id) cross join lateral warm.item_of_line(l.id) as i
        where exists (select from till.counts as c where c.store_id = p_store and c.item_id = i.item_id)
    ), own as materialized (
        select e.*, e.event_data as data,
            e.event_type = 'order_discarded' and exists (  -- an order that copies it has its lines
                select from warm.session_events as k join till.order_sessions as c on c.id = k.session_id
                where k.store_id = p_store and k.event_type = 'order_opened' and c.status <> 'discarded'
                    and k.event_data->'again'->>'session' = warm.stream_of(e.session_id)::text
                    and k.received_at > now() - interval '1 day') as is_copied
        from (
            select c.session_id from line as l join warm.every_content as c on c.content_id = l.id
            union
            select m.session_id from line as l join warm.every_move as m on m.content_id = l.id
        ) as s cross join lateral (  -- order by order: joined, all events of the log may be read
            select x.* from warm.session_events as x
            where x.session_id = s.session_id and x.version is not null and x.event_type = any (warm.kinds_counted()) offset 0
        ) as e
    ), changed as materialized (
        select l.id, l.word, l.item_id, o.event_id, o.session_id, o.event_type, o.received_at, o.data->>'line_id' as parent,
            case o.event_type
                when 'item_added' then (o.data->>'quantity')::integer
                when 'quantity_changed' then -(o.data->>'taken_off')::integer
                when 'line_cut' then case when o.data->>'into' = l.word then 1 else -1 end * (o.data->>'quantity')::integer
            end as pieces,
            case when o.event_type = 'order_discarded' then exists (
                    select from jsonb_array_elements(o.data->'removed') as r
                    where r->>'item_name' = l.item_name and r->>'sent' = 'true')
                when o.event_type = 'line_voided' or o.event_type = 'quantity_changed' and o.data->>'cut' is distinct from 'true'
                    then coalesce((o.data->'removed'->>'sent')::boolean, false)
            end as sent
        from line as l join own as o on case o.event_type
            when 'order_discarded' then o.data->'line_ids' ? l.word and not o.is_copied
            else o.event_type in ('item_added', 'quantity_changed', 'line_voided', 'line_cut')
                and l.word in (o.data->>'line_id', o.data->>'into') end
        where not o.data ? 'follows' and (o.event_type <> 'item_added' or (o.data->>'quantity')::integer > 0)
    ), ended as materialized (
        select c.id, c.item_id, c.event_id, o.event_id as by_event, o.received_at
        from changed as c join own as o on case o.event_type
            when 'change_undone' then o.data->>'event' = c.event_id::text
            when 'refused' then o.data->'events' ? c.event_id::text
            when 'lines_rung_again' then c.pieces > 0 and o.data->'line_ids' ?| array[c.word, c.parent]
            when 'order_resumed' then c.event_type = 'order_discarded' and o.session_id = c.session_id and o.event_id > c.event_id
            when 'order_placed' then c.event_type = 'order_discarded'
                and c.id in (select x.content_id from warm.listed_in(o.data) as x where not x.is_payment)
            else false end
    )
    select p_store, c.id, c.event_id, c.event_id, c.item_id, warm.stands_at(c.event_id, c.received_at), c.pieces, c.sent from changed as c
    union all
    select p_store, x.id, x.event_id, x.by_event, x.item_id, warm.stands_at(x.by_event, x.received_at), null, null from ended as x
    union all
    select p_store, x.id, x.by_event, o.event_id, x.item_id, warm.stands_at(o.event_id, o.received_at), null, null
    from ended as x join own as o on o.event_type = 'refused' and o.data->'events' ? x.by_event::text
    on conflict do nothing;
end $$;

-- Writes what new events made of the lines of counted items. A new line is the usual case, and reads nothing but the
-- counts.
create or replace function warm.note_lines(p_store uuid, p_events warm.incoming_event[]) returns void
language plpgsql as $$
declare
    lines uuid[];
begin
    perform warm.lock_counts(p_store, false);
    if not exists (select from till.counts as c where c.store_id = p_store) then
        return;
    end if;
    insert into warm.counted_changes (store_id, line_id, event_id, by_event, item_id, at, pieces)
    select p_store, (e.data->>'line_id')::uuid, e.event_id, e.event_id, e.data->>'item_id', warm.stands_at(e.event_id, now()),
        (e.data->>'quantity')::integer
    from unnest(p_events) as e
    where e.event_type = 'item_added' and (e.data->>'quantity')::integer > 0
        and exists (select from till.counts as c where c.store_id = p_store and c.item_id = e.data->>'item_id')
    on conflict do nothing;
    lines := array(
        select t from unnest(p_events) as e cross join lateral warm.lines_touched(e.event_type, e.session_id, e.data) as t
        where e.event_type <> 'item_added' and e.event_type = any (warm.kinds_counted()));
    if lines <> '{}' then
        perform warm.count_lines(p_store, lines);
    end if;
end $$;

-- Applies a count of an item: from now on its lines are counted, and those of the last day since the count too.
create or replace function warm.count_item(p_auth warm.auth_context, e warm.incoming_event, p_at timestamptz) returns void
language plpgsql as $$
begin
    insert into till.counts (store_id, item_id, event_id, at, pieces, keep, till_id)
    values (p_auth.store_id, e.data->>'item_id', e.event_id, p_at, (e.data->>'left')::integer,
        coalesce((e.data->>'keep')::boolean, false), p_auth.till_id)
    on conflict do nothing;
    -- order by order: it looks for each line among the events of its orders; of an order's resumptions one stands for all
    perform warm.count_lines(p_auth.store_id, y.lines)
    from (
        select x.session_id, array_agg(distinct t) as lines
        from (
            select distinct on (k.session_id, case when k.event_type <> 'order_resumed' then k.event_id end)
                k.session_id, k.event_type, k.event_data
            from warm.session_events as k
            where k.store_id = p_auth.store_id and k.received_at > greatest(p_at, now() - interval '1 day')
                and k.event_type = any (warm.kinds_counted())
        ) as x
        cross join lateral warm.lines_touched(x.event_type, x.session_id, x.event_data) as t
        group by x.session_id
    ) as y;
    perform till.tell_tills(p_auth.store_id, 'left');
end $$;

-- The pieces left of each counted item, or of one, with the time of its count. A count ends with the business day, unless it
-- is kept.
create or replace function warm.left_now(p_store uuid, p_item text default null)
returns table (item text, pieces bigint, since timestamptz, by_event uuid, keep boolean)
language plpgsql stable as $$
begin
    return query
    with counted as materialized (
        select c.* from (
            select distinct on (x.item_id) x.* from till.counts as x
            where x.store_id = p_store and (p_item is null or x.item_id = p_item) order by x.item_id, x.at desc, x.event_id desc
        ) as c
        where c.pieces is not null and (c.keep or till.business_date(p_store, c.at) = till.business_date(p_store, now()))
    ), own as materialized (
        select x.*, (x.at, x.by_event) <= (c.at, c.event_id) as was, x.by_event <> x.event_id as ends
        from counted as c join warm.counted_changes as x on x.store_id = p_store and x.item_id = c.item_id
    ), line as materialized (  -- most lines are keyed, and that is all
        select o.item_id, o.line_id, count(*) = 1 as is_plain, case when not bool_or(o.was) then max(o.pieces) else 0 end as pieces
        from own as o group by o.item_id, o.line_id
    ), changed as (
        select x.item_id, x.line_id, x.event_id, min(x.at) as at, max(x.pieces) as pieces, bool_or(x.sent) as sent,
            not bool_or(x.ends) as now, bool_or(x.was and not x.ends) and not bool_or(x.ends and x.was) as was
        from own as x
        where (x.line_id in (select l.line_id from line as l where not l.is_plain)) is true  -- hashed, not joined: there are no statistics
            and (not x.ends or x.by_event not in (select r.event_id from own as r where r.ends))  -- an end that was refused
        group by x.item_id, x.line_id, x.event_id having not bool_and(x.ends)
    ), standing as (
        -- pieces that left the kitchen are not given back, nor those taken off their line later
        select x.*, x.sent is not null and bool_or(x.sent) over (partition by x.line_id order by x.at, x.event_id) as gone
        from changed as x
    ), held as (
        select x.item_id,
            case when bool_or(x.now and x.pieces is null) then 0
                else greatest(0, coalesce(sum(x.pieces) filter (where x.now), 0)) end
            - case when bool_or(x.was and x.pieces is null) then 0
                else greatest(0, coalesce(sum(x.pieces) filter (where x.was), 0)) end as pieces
        from standing as x where not x.gone group by x.item_id, x.line_id
        union all
        select l.item_id, l.pieces from line as l where l.is_plain
    ), taken as (
        select h.item_id, sum(h.pieces)::bigint as pieces from held as h group by h.item_id
    )
    select c.item_id, c.pieces - coalesce(t.pieces, 0), c.at, c.event_id, c.keep
    from counted as c left join taken as t on t.item_id = c.item_id;
end $$;

-- The pieces left, for a till, which adds its events after the head of the reply.
create or replace function warm.left_for(p_auth warm.auth_context, p_has text) returns jsonb
language plpgsql stable as $$
declare
    items jsonb;
begin
    if not exists (select from till.counts as c where c.store_id = p_auth.store_id) then
        return null;
    end if;
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('item', n.item, 'left', n.pieces,
        'since', warm.time_text(n.since), 'by', n.by_event, 'keep', nullif(n.keep, false)))), '[]') into items
    from warm.left_now(p_auth.store_id) as n;
    return case when items <> '[]' or coalesce(p_has, '0') <> '0' then jsonb_build_object(
        'version', case when items <> '[]' then p_auth.seq else 0 end, 'body', jsonb_build_object('items', items)) end;
end $$;

-- Deletes the counts that ended, or that a newer one replaced, two days ago, and the changes of items without a count and of lines
-- that changed neither since the count nor within two days: a line that changes later brings its earlier rows again.
create or replace function warm.forget_counts(p_store uuid) returns void
language plpgsql as $$
begin
    delete from till.counts as c
    where c.store_id = p_store and c.at < now() - interval '2 days' and (not c.keep or c.pieces is null or exists (
        select from till.counts as n where n.store_id = c.store_id and n.item_id = c.item_id and n.at > c.at));
    delete from warm.counted_changes as x
    where x.store_id = p_store and not exists (
        select from till.counts as c where c.store_id = x.store_id and c.item_id = x.item_id);
    delete from warm.counted_changes as x
    using (
        select c.item_id, least(max(c.at), now() - interval '2 days') as before
        from till.counts as c where c.store_id = p_store group by c.item_id
    ) as n
    where x.store_id = p_store and x.item_id = n.item_id and not exists (
        select from warm.counted_changes as y
        where y.store_id = x.store_id and y.line_id = x.line_id and y.at >= n.before);
end $$;
