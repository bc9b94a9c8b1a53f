-- The pieces left of counted items: the newest count, less what all lines hold now, plus what they held at the count. A row
-- of warm.counted_changes is what one event made of one line (`pieces`, null for all of them), or with another `by_event`
-- that this event no longer counts. Rows are only inserted, so that no push waits for the row of another.

-- The time at which an event stands: that of its id, at most the time at which the server took it.
create or replace function warm.stands_at(p_event uuid, p_taken timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select least(p_taken, to_timestamp(('x' || left(replace(p_event::text, '-', ''), 12))::bit(48)::bigint / 1000.0))
$$;

-- Locks what is counted, for a count alone: each count sees the lines of the pushes before it, which hold the lock together
-- (`warm.note_lines`). Nobody waits behind it: it is tried for three seconds. False without it.
create or replace function warm.lock_counts(p_store uuid) returns boolean
language plpgsql as $$
begin
    while not pg_try_advisory_xact_lock(hashtext('till.counts'), hashtext(p_store::text)) loop
        if clock_timestamp() > now() + warm.longest_pause() then
            return false;
        end if;
        perform pg_sleep(0.01);
    end loop;
    return true;
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

-- The lines that an event names, or the events that it takes back.
create or replace function warm.names_in(p_type text, p_data jsonb) returns setof text
language sql immutable parallel safe as $$
    select w
    from unnest(case p_type
        when 'change_undone' then array[p_data->>'event']
        when 'line_cut' then array[p_data->>'line_id', p_data->>'into']
        when 'refused' then array(select jsonb_array_elements_text(p_data->'events'))
        when 'order_discarded' then array(select jsonb_array_elements_text(p_data->'line_ids'))
        when 'lines_rung_again' then array(select jsonb_array_elements_text(p_data->'line_ids'))
        when 'order_placed' then '{}'
        when 'order_resumed' then '{}'
        else array[p_data->>'line_id'] end) as w
$$;

-- The pieces that an event adds to a line, below 0 for fewer; null for all of them.
create or replace function warm.pieces_by(p_type text, p_data jsonb, p_line text) returns integer
language sql immutable parallel safe as $$
    select case p_type
        when 'item_added' then (p_data->>'quantity')::integer
        when 'quantity_changed' then -(p_data->>'taken_off')::integer
        when 'line_cut' then case when p_data->>'into' = p_line then 1 else -1 end * (p_data->>'quantity')::integer
    end
$$;

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
        select distinct w::uuid from warm.names_in(p_type, p_data) as w;
    end if;
end $$;

-- The rows of lines, each with its item: what the events of their orders did to them, and which of these no longer count.
-- Events and lines meet by what the events name, in one pass: an order may have thousands of both.
create or replace function warm.changes_of_lines(p_store uuid, p_lines uuid[], p_items text[], p_names text[])
returns setof warm.counted_changes
language plpgsql stable as $$
begin
    return query
    with line as materialized (
        select l.id, l.id::text as word, l.item_id, l.item_name from unnest(p_lines, p_items, p_names) as l (id, item_id, item_name)
    ), copied as materialized (  -- an order that copies another has its lines
        select warm.session_of(k.event_data #>> '{again,session}') as session_id
        from warm.session_events as k join till.order_sessions as c on c.id = k.session_id
        where k.store_id = p_store and k.event_type = 'order_opened' and k.event_data ? 'again' and c.status <> 'discarded'
            and k.received_at > now() - interval '1 day'
    ), own as materialized (
        select e.event_id, e.session_id, e.event_type, e.till_id, e.received_at, e.event_data as data
        from (
            select c.session_id from line as l join warm.every_content as c on c.content_id = l.id
            union
            select m.session_id from line as l join warm.every_move as m on m.content_id = l.id
        ) as s cross join lateral (  -- order by order: joined, all events of the log may be read
            select x.* from warm.session_events as x
            where x.session_id = s.session_id and x.version is not null and x.event_type = any (warm.kinds_counted()) offset 0
        ) as e
    ), revoked as materialized (  -- nobody knows what the guests of such a till had
        select k.data->>'line_id' as word, t.revoked_at
        from own as k join till.tills as t on t.store_id = p_store and t.id = k.till_id
        where k.event_type = 'item_added' and t.revoked_at is not null
    ), named as materialized (
        select o.event_id, w.word from own as o cross join lateral warm.names_in(o.event_type, o.data) as w (word)
    ), changed as materialized (
        select l.id, l.word, l.item_id, o.event_id, o.session_id, o.event_type, o.received_at, o.data->>'line_id' as parent,
            warm.pieces_by(o.event_type, o.data, l.word) as pieces,
            case when o.event_type = 'order_discarded' then exists (
                    select from jsonb_array_elements(o.data->'removed') as r
                    where r->>'item_name' = l.item_name and r->>'sent' = 'true')
                    or exists (select from revoked as r where r.word = l.word and r.revoked_at <= o.received_at)
                when o.event_type in ('line_voided', 'quantity_changed') then coalesce((o.data->'removed'->>'sent')::boolean, false)
            end as sent
        from line as l join named as n on n.word = l.word join own as o on o.event_id = n.event_id
        where o.event_type in ('item_added', 'quantity_changed', 'line_voided', 'line_cut', 'order_discarded') and not o.data ? 'follows'
            and (o.event_type <> 'item_added' or (o.data->>'quantity')::integer > 0)
            and (o.event_type <> 'order_discarded' or o.session_id not in (select k.session_id from copied as k where k.session_id is not null))
    ), ended as materialized (
        select c.id, c.item_id, c.event_id, o.event_id as by_event, o.received_at
        from changed as c join named as n on n.word = c.event_id::text join own as o on o.event_id = n.event_id
        where o.event_type in ('change_undone', 'refused')
        union
        select c.id, c.item_id, c.event_id, o.event_id, o.received_at
        from (
            select x.*, x.word as name from changed as x
            union all
            select x.*, x.parent from changed as x where x.event_type = 'line_cut'
        ) as c join named as n on n.word = c.name join own as o on o.event_id = n.event_id
        where o.event_type = 'lines_rung_again' and c.pieces > 0
        union
        select c.id, c.item_id, c.event_id, o.event_id, o.received_at
        from changed as c join own as o on o.session_id = c.session_id
        where c.event_type = 'order_discarded' and o.event_type = 'order_resumed' and o.event_id > c.event_id
        union
        select c.id, c.item_id, c.event_id, o.event_id, o.received_at
        from (
            select p.event_id, p.received_at, x.content_id from own as p cross join lateral warm.listed_in(p.data) as x
            where p.event_type = 'order_placed' and not x.is_payment
                and (select bool_or(x.event_type = 'order_discarded') from changed as x)
        ) as o join changed as c on c.id = o.content_id
        where c.event_type = 'order_discarded'
    )
    select p_store, c.id, c.event_id, c.event_id, c.item_id, warm.stands_at(c.event_id, c.received_at), c.pieces, c.sent from changed as c
    union all
    select p_store, x.id, x.event_id, x.by_event, x.item_id, warm.stands_at(x.by_event, x.received_at), null, null from ended as x
    union all
    select p_store, x.id, x.by_event, o.event_id, x.item_id, warm.stands_at(o.event_id, o.received_at), null, null
    from ended as x join named as n on n.word = x.by_event::text join own as o on o.event_id = n.event_id and o.event_type = 'refused';
end $$;

-- Writes the rows of lines, of those of counted items.
create or replace function warm.count_lines(p_store uuid, p_lines uuid[]) returns void
language sql as $$
    insert into warm.counted_changes
    select r.*
    from (
        select array_agg(l.id) as lines, array_agg(i.item_id) as items, array_agg(i.item_name) as names
        from unnest(p_lines) as l (id) cross join lateral warm.item_of_line(l.id) as i
        where exists (select from till.counts as c where c.store_id = p_store and c.item_id = i.item_id)
    ) as l cross join lateral warm.changes_of_lines(p_store, l.lines, l.items, l.names) as r
    where l.lines is not null
    on conflict do nothing
$$;

-- Writes what new events made of the lines of counted items. A new line is the usual case, and reads nothing but the
-- counts.
create or replace function warm.note_lines(p_store uuid, p_events warm.incoming_event[]) returns void
language plpgsql as $$
declare
    lines uuid[];
begin
    perform pg_advisory_xact_lock_shared(hashtext('till.counts'), hashtext(p_store::text));
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

-- The rows that counts of items need: those of all lines of these items that something touched that the server took after a
-- moment. Of lines that another order had, and of events that undo, the log is asked; nothing is written.
create or replace function warm.rows_for_counts(p_store uuid, p_items text[], p_since timestamptz) returns setof warm.counted_changes
language plpgsql stable as $$
declare
    lines uuid[];
    items text[];
    names text[];
begin
    with recursive seen as materialized (
        select k.event_id, k.session_id, k.event_type, k.event_data as data from warm.session_events as k
        where k.store_id = p_store and k.received_at > p_since and k.event_type = any (warm.kinds_counted())
    ), keyed as materialized (
        select (s.data->>'line_id')::uuid as id, s.data->>'item_id' as item, s.data->>'item_name' as name
        from seen as s where s.event_type = 'item_added'
    ), touched as (
        select w.word::uuid as id from seen as s cross join lateral warm.names_in(s.event_type, s.data) as w (word)
        where s.event_type in ('quantity_changed', 'line_voided', 'line_cut', 'order_discarded', 'lines_rung_again')
        union
        select t from (  -- of an order's resumptions one stands for all
            select distinct on (s.session_id, case when s.event_type <> 'order_resumed' then s.event_id end) s.*
            from seen as s where s.event_type in ('change_undone', 'refused', 'order_resumed')
        ) as s cross join lateral warm.lines_touched(s.event_type, s.session_id, s.data) as t
        union
        select c.line_id from warm.counted_changes as c  -- cleared, and perhaps sold since
        where c.store_id = p_store and c.item_id = any (p_items) and c.pieces is null
    ), up (id, parent_id, event_id) as (
        select t.id, c.parent_id, c.event_id from touched as t
        cross join lateral (select * from warm.every_content as c where c.content_id = t.id limit 1) as c
        where t.id not in (select k.id from keyed as k)
        union all
        select u.id, c.parent_id, c.event_id from up as u
        cross join lateral (select * from warm.every_content as c where c.content_id = u.parent_id limit 1) as c
    )
    select array_agg(l.id), array_agg(l.item), array_agg(l.name) into lines, items, names
    from (
        select k.id, k.item, k.name from keyed as k where k.item = any (p_items)
        union
        select u.id, e.event_data->>'item_id', e.event_data->>'item_name'
        from up as u join warm.session_events as e on e.event_id = u.event_id
        where e.event_type = 'item_added' and e.event_data->>'item_id' = any (p_items)
    ) as l;
    if lines is not null then
        return query select * from warm.changes_of_lines(p_store, lines, items, names);
    end if;
end $$;

-- Tells a manager once that a till counted ten items or more within a minute.
create or replace function warm.flag_many_counts(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    counted record;
begin
    select count(distinct c.item_id) as items, bool_and(c.pieces = 0) as are_none into counted from till.counts as c
    where c.store_id = p_auth.store_id and c.till_id = p_auth.till_id and c.came_at > now() - interval '1 minute' and c.pieces is not null;
    if e.event_id is null or p_auth.till_id = 0 or counted.items < 10 or exists (
        select from warm.quarantine as q
        where q.journal_id = p_auth.journal_id and q.sqlstate = 'TL017' and q.reason like 'Till %' and q.received_at > now() - interval '1 minute')
    then
        return false;
    end if;
    return warm.flag_record(p_auth, e, format(
        case when counted.are_none then 'Till %s set %s items to 0 at %s.' else 'Till %s counted %s items at %s.' end, p_auth.till_id, counted.items,
        to_char(now() at time zone (till.venue(p_auth.store_id)->>'timezone'), 'HH24:MI')), 'TL017');
end $$;

-- Makes the counts of a push, before it locks any order: from then on the lines of these items are counted, and those of the
-- last day since the count too. An item with a count before has its rows. For the others the log is looked at before the lock, and
-- under it again at what was taken since a minute before that look: a push that had begun then has ended by now. Without the
-- lock, whoever holds it is ended, and the counts are made later. True if the till counted too often, which a manager is told.
create or replace function warm.make_counts(p_auth warm.auth_context, p_events warm.incoming_event[]) returns boolean
language plpgsql as $$
declare
    counts warm.incoming_event[];
    items text[];
    since timestamptz;
    looked timestamptz;
    found warm.counted_changes[];
    e warm.incoming_event;
    flagged boolean := false;
begin
    if not exists (select from unnest(p_events) as x where x.event_type = 'item_counted') then
        return false;
    end if;
    counts := array(
        select x from till.last_marks(p_auth.store_id, p_events) as x
        where x.event_type = 'item_counted' and not till.is_outdated_mark(p_auth.store_id, x.data->>'item_id', x.event_id, now()));
    select array_agg(x.data->>'item_id'), greatest(min(warm.stands_at(x.event_id, now())), now() - interval '1 day') into items, since
    from unnest(counts) as x
    where not exists (
        select from till.counts as c
        where c.store_id = p_auth.store_id and c.item_id = x.data->>'item_id' and c.at > now() - interval '1 day');
    if items is not null then
        looked := clock_timestamp();
        found := array(select r from warm.rows_for_counts(p_auth.store_id, items, since) as r);
        if warm.lock_counts(p_auth.store_id) then
            insert into warm.counted_changes
            select * from unnest(found)
            union all
            select * from warm.rows_for_counts(p_auth.store_id, items, greatest(since, looked - interval '1 minute'))
            on conflict do nothing;
        else
            perform till.end_hold_ups(p_auth.store_id);
            insert into warm.counts_due (store_id, event_id)
            select p_auth.store_id, x.event_id from unnest(counts) as x where x.data->>'item_id' = any (items)
            on conflict do nothing;
            counts := array(select x from unnest(counts) as x where x.data->>'item_id' <> all (items));
        end if;
    end if;
    foreach e in array counts loop
        if till.marks_without_end(p_auth.store_id, p_auth.till_id, e.data->>'item_id') then
            flagged := warm.flag_record(p_auth, e, till.marked_too_often(), 'TL017');
        else
            perform warm.count_item(p_auth, e, e.data->>'item_id', warm.stands_at(e.event_id, now()));
        end if;
    end loop;
    return warm.flag_many_counts(p_auth, e) or flagged;
end $$;

-- Makes the counts that a push could not make.
create or replace function warm.make_due_counts(p_store uuid) returns void
language plpgsql as $$
declare
    one record;
    auth warm.auth_context;
begin
    for one in
        with due as (
            delete from warm.counts_due as d using (
                select x.event_id from warm.counts_due as x where x.store_id = p_store for update skip locked) as x
            where d.store_id = p_store and d.event_id = x.event_id returning d.event_id
        )
        select e.till_id, e.journal_id, jsonb_agg(jsonb_build_object('b', e.body, 'h', e.hash)) as records
        from due as d join warm.session_events as e on e.event_id = d.event_id group by e.till_id, e.journal_id
    loop
        auth.store_id := p_store;
        auth.till_id := one.till_id;
        auth.journal_id := one.journal_id;
        perform warm.make_counts(auth, warm.read_events(one.records));
        perform till.apply_marks(auth, warm.read_events(one.records));
    end loop;
end $$;

-- Keeps a count of an item or of a choice.
create or replace function warm.count_item(p_auth warm.auth_context, e warm.incoming_event, p_item text, p_at timestamptz) returns void
language plpgsql as $$
begin
    insert into till.counts (store_id, item_id, event_id, at, pieces, keep, till_id)
    values (p_auth.store_id, p_item, e.event_id, p_at, (e.data->>'left')::integer,
        coalesce((e.data->>'keep')::boolean, false), p_auth.till_id)
    on conflict do nothing;
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
