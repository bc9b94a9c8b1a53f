-- The relation (ADR 0042): the lines and payments that an order has or ever had. An event of one order creates each of
-- them, once (warm.order_contents); lines may move to other orders (warm.content_moves). A push writes both tables with
-- the log. warm.rebuild_relation rebuilds them from the log alone. If a sale lists lines or payments that the log does
-- not have, the sale claims them (warm.sale_claims) until the log has them.

-- The relation of all orders, archived or not.
create or replace view warm.every_content as
select * from warm.order_contents
union all
select * from cold.order_contents_archive;

-- All moves of lines, archived or not.
create or replace view warm.every_move as
select * from warm.content_moves
union all
select * from cold.content_moves_archive;

-- The lines and payments that each order has now.
create or replace view warm.contents_now as
select c.content_id, c.session_id, c.is_payment, c.store_id
from warm.every_content as c
where not exists (
    select from warm.every_move as m
    where m.content_id = c.content_id and m.session_id = c.session_id and m.left_by is not null)
union all
select m.content_id, m.session_id, c.is_payment, m.store_id
from warm.every_move as m join warm.every_content as c on c.content_id = m.content_id
where m.came_by is not null and (m.left_by is null or m.left_by < m.came_by);

-- The line or payment that an event creates; null for other events.
create or replace function warm.made_by(p_type text, p_data jsonb) returns uuid
language sql immutable parallel safe as $$
    select (case p_type
        when 'item_added' then p_data->>'line_id'
        when 'line_cut' then p_data->>'into'
        when 'payment_started' then p_data->>'payment_id'
        when 'payment_approved' then p_data->>'payment_id'
    end)::uuid
$$;

-- The lines of a `lines_moved`, `lines_copied` or `lines_withdrawn`. `comes` is true if the session receives the line,
-- false if it gives the line away.
create or replace function warm.lines_moved_by(p_data jsonb) returns table (content_id uuid, comes boolean)
language sql immutable parallel safe as $$
    select (x->>'line_id')::uuid, true from jsonb_path_query(p_data, '$.lines[*]') as x where p_data ? 'from_session'
    union all
    select (x #>> '{}')::uuid, p_data ? 'from_session' from jsonb_path_query(p_data, '$.line_ids[*]') as x
$$;

-- The lines and payments that a sale lists.
create or replace function warm.listed_in(p_data jsonb) returns table (content_id uuid, is_payment boolean)
language sql immutable parallel safe as $$
    select (x #>> '{}')::uuid, false from jsonb_path_query(p_data, '$.lines[*].line_ids[*]') as x
    union all
    select (x->>'payment_id')::uuid, true from jsonb_path_query(p_data, '$.payments[*]') as x
$$;

-- Records the lines and payments that new events of one session create, in one statement. A batch without such events
-- runs no query. Quarantines events that create a line or payment a second time; `events` are the others, or null if
-- there is no such event. `strange` is true if a sale lists contents that its order did not create (warm.claim_listed).
-- `meets` is true if a sale has claimed a content that is created now (warm.settle_claims). The archive is read only
-- for ids as old as the audit.
create or replace function warm.record_contents(
    p_auth warm.auth_context, s warm.hold_state, p_events warm.incoming_event[],
    out events warm.incoming_event[], out strange boolean, out meets boolean
)
language plpgsql as $$
declare
    e warm.incoming_event;
    v_content uuid;
    made uuid[] := '{}';
    paid uuid[] := '{}';
    listed_lines jsonb := '[]';
    listed_payments jsonb := '[]';
    is_old boolean := false;
    inserted integer;
begin
    if s.store_id is distinct from p_auth.store_id then
        return;
    end if;
    foreach e in array p_events loop
        v_content := warm.made_by(e.event_type, e.data);
        if v_content is not null then
            is_old := is_old or coalesce(v_content <= p_auth.reach, false);
            if e.event_type <> 'payment_approved' or v_content <> all (made) then  -- its payment_started is usually in the same push
                made := array_append(made, v_content);
            end if;
            if e.event_type in ('payment_started', 'payment_approved') then
                paid := array_append(paid, v_content);
            end if;
        elsif e.event_type = 'order_placed' and e.till_id > 0 then
            listed_lines := listed_lines || jsonb_path_query_array(e.data, '$.lines[*].line_ids[*]');
            listed_payments := listed_payments || jsonb_path_query_array(e.data, '$.payments[*].payment_id');
        elsif e.event_type = any (warm.kinds_moving()) then
            perform warm.write_moves(s.id, e.event_id, e.till_id, s.store_id, e.data);
        end if;
    end loop;
    if made <> '{}' then
        with kept as (
            insert into warm.order_contents (
                content_id, session_id, event_id, is_payment, parent_id, till_id, user_id, store_id
            )
            select x.content_id, s.id, x.event_id, x.is_payment, x.parent_id, x.till_id, x.user_id, s.store_id
            from (
                select y.*, warm.made_by(y.event_type, y.data) as content_id,
                    y.event_type in ('payment_started', 'payment_approved') as is_payment,
                    case y.event_type when 'line_cut' then (y.data->>'line_id')::uuid end as parent_id
                from unnest(p_events) as y
            ) as x where x.content_id is not null
            on conflict do nothing returning content_id
        )
        select (select count(*) from kept), exists (select from warm.sale_claims as k where k.content_id = any (made))
        into inserted, meets;
        if is_old or inserted < cardinality(made) then
            events := warm.quarantine_duplicates(p_auth, s, p_events);
        end if;
    end if;
    if events is not null or not (listed_lines <@ to_jsonb(made) and listed_payments <@ to_jsonb(paid)) or listed_lines ?| paid::text[] then
        strange := exists (
            select from unnest(p_events) as y cross join lateral warm.listed_in(y.data) as x
            where y.event_type = 'order_placed' and y.till_id > 0 and not exists (
                select from warm.order_contents as c
                where c.content_id = x.content_id and c.session_id = s.id and c.is_payment = x.is_payment));
    end if;
end $$;

-- Quarantines events that create a line or payment a second time. Returns the other events, or null if nothing was
-- quarantined. Several tills may report one payment in its own order.
create or replace function warm.quarantine_duplicates(p_auth warm.auth_context, s warm.hold_state, p_events warm.incoming_event[])
returns warm.incoming_event[]
language plpgsql as $$
declare
    e warm.incoming_event;
    duplicates warm.incoming_event[] := '{}';
begin
    for e in
        select x.* from unnest(p_events) as x
        join warm.every_content as c on c.content_id = warm.made_by(x.event_type, x.data)
        where c.event_id <> x.event_id and not (
            c.is_payment and x.event_type in ('payment_started', 'payment_approved')
            and c.session_id = s.id)
    loop
        e.state := 'TL021';
        e.fault := case
            when e.event_type in ('payment_started', 'payment_approved') then 'The payment was started in another order.'
            else 'A line with this id was already keyed.' end;
        duplicates := array_append(duplicates, e);
    end loop;
    if duplicates = '{}' then
        return null;
    end if;
    perform warm.quarantine_refused(p_auth, duplicates);
    delete from warm.order_contents as c using unnest(duplicates) as x
    where c.event_id = x.event_id and c.content_id = warm.made_by(x.event_type, x.data);
    return array(
        select x from unnest(p_events) as x
        where x.event_id <> all (array(select y.event_id from unnest(duplicates) as y)) order by x.seq);
end $$;

-- Records the lines that a session receives or gives away by a `lines_moved`, `lines_copied` or `lines_withdrawn`. If
-- several events move one line, the newest counts.
create or replace function warm.write_moves(p_session text, p_event uuid, p_till integer, p_store uuid, p_data jsonb)
returns void
language plpgsql as $$
begin
    insert into warm.content_moves as m (content_id, session_id, came_by, came_from, moved_by, left_by, store_id)
    select x.content_id, p_session, case when bool_or(x.comes) then p_event end,
        case when bool_or(x.comes) then warm.session_of(p_data->>'from_session') end, case when bool_or(x.comes) then p_till end,
        case when bool_or(not x.comes) then p_event end, p_store
    from warm.lines_moved_by(p_data) as x group by x.content_id
    on conflict (content_id, session_id) do update
    set left_by = greatest(m.left_by, excluded.left_by), came_by = greatest(m.came_by, excluded.came_by),
        came_from = case when m.came_by > excluded.came_by then m.came_from else coalesce(excluded.came_from, m.came_from) end,
        moved_by = case when m.came_by > excluded.came_by then m.moved_by else coalesce(excluded.moved_by, m.moved_by) end;
end $$;

-- True if a session has a line or ever had it: the line was created there, or moved there from a session that had it.
-- Reads the log, because the relation keeps only the last move of a line that left and returned.
create or replace function warm.ever_had(p_session text, p_content uuid) returns boolean
language plpgsql stable as $$
begin
    return (
        with recursive sources (session_id) as (
            select p_session collate "C"
            union
            select warm.session_of(x.event_data->>'from_session') collate "C"
            from sources as t cross join lateral warm.log_of(t.session_id) as x
            where x.event_data ? 'from_session' and p_content in (select i.content_id from warm.lines_moved_by(x.event_data) as i)
        )
        select exists (
            select from warm.every_content as c join sources as t on t.session_id = c.session_id
            where c.content_id = p_content)
    );
end $$;

-- True if a manager booked a sale that waited in quarantine.
create or replace function warm.is_booked(p_session text, p_event uuid) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from warm.log_of(p_session) as x
        where x.event_type = 'sale_booked' and x.event_data->>'event' = p_event::text);
end $$;

-- Claims for a sale the contents that the log does not have, and marks the sale (`state`) as having claims. If another
-- order has one of the listed contents, `fault` is the reason not to place the sale, unless a manager booked it.
create or replace function warm.claim_contents(p_session text, e warm.incoming_event) returns warm.incoming_event
language plpgsql as $$
begin
    insert into warm.sale_claims (content_id, session_id, event_id, store_id)
    select distinct l.content_id, p_session, e.event_id, e.store_id from warm.listed_in(e.data) as l
    where not exists (select from warm.every_content as c where c.content_id = l.content_id)
    on conflict do nothing;
    e.state := 'claims';
    select case
        when count(*) > count(distinct l.content_id) then 'The sale lists a line or a payment twice.'
        when bool_or(l.is_foreign and l.is_payment) then 'The sale lists a payment of another order.'
        when bool_or(l.is_foreign) then 'The sale lists lines of another order.'
    end into e.fault
    from (
        select x.*, c.content_id is not null and (
            c.is_payment <> x.is_payment
            or c.session_id <> p_session and (c.is_payment or not warm.ever_had(p_session, x.content_id))) as is_foreign
        from warm.listed_in(e.data) as x left join warm.every_content as c on c.content_id = x.content_id
    ) as l;
    if e.fault is not null and warm.is_booked(p_session, e.event_id) then
        e.fault := null;
    end if;
    return e;
end $$;

-- Claims the contents of the sales among the events of a session, once the whole push is in the log.
create or replace function warm.claim_listed(p_session text, p_events warm.incoming_event[]) returns warm.incoming_event[]
language plpgsql as $$
begin
    return array(
        select case when x.event_type = 'order_placed' and x.till_id > 0
            then warm.claim_contents(p_session, x) else x end
        from unnest(p_events) as x order by x.seq);
end $$;

-- The lines and payments that a sale claims.
create or replace function warm.claims_of(e warm.incoming_event) returns uuid[]
language plpgsql stable as $$
begin
    if e.state is distinct from 'claims' then
        return '{}';
    end if;
    return array(
        select k.content_id from warm.listed_in(e.data) as x
        join warm.sale_claims as k on k.content_id = x.content_id and k.event_id = e.event_id);
end $$;

-- Moves the relation of sessions to the archive.
create or replace function cold.move_contents_to_archive(p_ids text[]) returns void
language plpgsql set enable_seqscan = off as $$
begin
    with moved as (
        delete from warm.order_contents as c where c.session_id = any (p_ids) returning c.*
    )
    insert into cold.order_contents_archive select * from moved;
    with moved as (
        delete from warm.content_moves as m where m.session_id = any (p_ids) returning m.*
    )
    insert into cold.content_moves_archive select * from moved;
end $$;

-- Restores the relation of a session from the archive.
create or replace function warm.restore_contents(p_session text) returns void
language plpgsql as $$
begin
    with restored as (
        delete from cold.order_contents_archive as c where c.session_id = p_session returning c.*
    )
    insert into warm.order_contents select * from restored;
    with restored as (
        delete from cold.content_moves_archive as m where m.session_id = p_session returning m.*
    )
    insert into warm.content_moves select * from restored;
end $$;

-- Rebuilds the relation of a store from the log and the audit alone.
create or replace function warm.rebuild_relation(p_store uuid) returns void
language plpgsql as $$
begin
    lock table warm.order_contents, warm.content_moves, warm.sale_claims in share row exclusive mode;
    delete from cold.order_contents_archive where store_id = p_store;
    delete from cold.content_moves_archive where store_id = p_store;
    delete from warm.order_contents where store_id = p_store;
    delete from warm.content_moves where store_id = p_store;
    delete from warm.sale_claims where store_id = p_store;
    insert into warm.order_contents (content_id, session_id, event_id, is_payment, parent_id, till_id, user_id, store_id)
    select distinct on (x.content_id) x.content_id, x.session_id, x.event_id,
        x.event_type in ('payment_started', 'payment_approved'),
        case x.event_type when 'line_cut' then (x.event_data->>'line_id')::uuid end, x.till_id, x.user_id, x.store_id
    from (
        select l.*, warm.made_by(l.event_type, l.event_data) as content_id from warm.log as l
        where l.store_id = p_store and l.version is not null
    ) as x
    where x.content_id is not null
    order by x.content_id, x.version;
    perform warm.write_moves(l.session_id, l.event_id, l.till_id, p_store, l.event_data)
    from warm.log as l where l.store_id = p_store and l.version is not null
        and l.event_type = any (warm.kinds_moving());
    insert into warm.sale_claims (content_id, session_id, event_id, store_id)
    select distinct x.content_id, l.session_id, l.event_id, p_store
    from warm.log as l cross join lateral warm.listed_in(l.event_data) as x
    where l.store_id = p_store and l.version is not null and l.event_type = 'order_placed' and l.till_id > 0
        and not exists (select from warm.order_contents as c where c.content_id = x.content_id);
    perform cold.move_contents_to_archive(array(select a.id from cold.order_sessions_archive as a where a.store_id = p_store));
end $$;
