-- Lines that were keyed, and money that was taken, too late for an order that ended elsewhere, on a till that is gone
-- (design §7). The server never folds: this is a hint where to look. Whoever folds the order decides, and all that it makes has derived ids.

-- The journals that nobody goes on with: retired, of a till that was not heard of for so long, or of one that the asker
-- knows to be gone; of those that the log has something of, for a venue's retired journals become more with the years. Some at
-- a time, in no order, so that each has its turn.
create or replace function warm.gone_journals(p_store uuid, p_minutes integer, p_tills integer[])
returns table (journal_id uuid, till_id integer)
language plpgsql as $$
begin
    return query
    select h.journal_id, h.till_id
    from warm.journal_head as h join till.tills as t on t.store_id = h.store_id and t.id = h.till_id
    where h.store_id = p_store and (
        h.retired_at is not null or t.seen_at is null or t.seen_at < now() - make_interval(mins => p_minutes)
        or h.till_id = any (p_tills))
        and exists (select from warm.session_events as e where e.journal_id = h.journal_id)
    order by h.till_id = any (p_tills) desc, random()
    limit 8;
end $$;

-- Whether a line that a till keyed in an order that ended was not dealt with at its end: paid for, discarded or carried on
-- elsewhere, whole. One that does not read is looked at by who can say so.
create or replace function warm.may_be_late(p_session text, p_till integer) returns boolean
language plpgsql stable as $$
begin
    return exists (
        with own as materialized (
            select e.event_id as id, e.event_type as type, e.event_data as data, e.till_id as till
            from warm.log_of(p_session) as e
        ), undone as materialized (
            select (o.data->>'event')::uuid as id from own as o where o.type = 'change_undone'
        ), keyed as (
            select o.data->>'line_id' as line, (o.data->>'quantity')::integer as pieces
            from own as o where o.type = 'item_added' and o.till = p_till
            union all
            select l->>'line_id', (l->>'quantity')::integer - coalesce((
                select sum(t.value::integer) from jsonb_each_text(l->'taken_off') as t), 0)
            from own as o, jsonb_array_elements(o.data->'lines') as l where o.type = 'lines_moved' and o.till = p_till
        ), settled as (
            select line #>> '{}' as line
            from own as o, jsonb_path_query(
                o.data, case o.type when 'order_placed' then '$.lines[*].line_ids[*]' else '$.line_ids[*]' end::jsonpath) as line
            where o.type in ('order_placed', 'order_discarded') or o.type = 'lines_moved' and o.data ? 'to_session'
        )
        select from keyed as k
        where abs(k.pieces) > (
                select coalesce(sum((o.data->>'taken_off')::integer), 0) from own as o
                where o.type = 'quantity_changed' and o.data->>'line_id' = k.line and o.id not in (select u.id from undone as u))
            and not exists (
                select from own as o
                where o.type = 'line_voided' and o.data->>'line_id' = k.line and o.id not in (select u.id from undone as u))
            and not exists (select from settled as x where x.line = k.line)
    );
exception when data_exception then
    return true;
end $$;

-- Whether money was taken in an order that ended which no completion lists, or given back which one lists, and which does not
-- stand before the manager. No till looks at it any more, where the one that did it is gone.
create or replace function warm.may_be_hidden(p_session text, p_till integer) returns boolean
language plpgsql stable as $$
begin
    return exists (
        with own as (
            select e.event_type as type, e.event_data as data, e.till_id as till
            from warm.log_of(p_session) as e
        )
        select from own as p
        where p.type = 'payment_approved' and p.till = p_till and (p.data->>'amount')::numeric <> 0
            and not exists (
                select from own as o
                where o.type in ('payment_voided', 'conflict_found')
                    and p.data->>'payment_id' in (o.data->>'payment_id', o.data->>'subject'))
            and not exists (
                select from own as o, jsonb_array_elements(o.data->'payments') as l
                where o.type = 'order_placed' and l->>'payment_id' = p.data->>'payment_id')
        union all
        select from own as p, own as o, jsonb_array_elements(o.data->'payments') as l
        where p.type = 'payment_voided' and p.till = p_till and (p.data->>'amount')::numeric <> 0
            and o.type = 'order_placed' and l->>'payment_id' = p.data->>'payment_id'
            and not exists (
                select from own as f
                where f.type = 'conflict_found' and f.data->>'kind' = 'given_back'
                    and f.data->>'subject' = p.data->>'payment_id'));
exception when data_exception then
    return true;
end $$;

-- The orders that ended on another till than the one of this journal, which keyed on them not long before it was gone.
create or replace function warm.ended_elsewhere(p_store uuid, p_journal uuid) returns setof till.order_sessions
language plpgsql stable as $$
begin
    return query
    select s.* from till.order_sessions as s
    where s.id in (
            select x.session_id from (
                select e.session_id from warm.session_events as e where e.journal_id = p_journal order by e.seq desc limit 1000
            ) as x where x.session_id is not null)
        and s.store_id = p_store and s.status in ('completed', 'discarded', 'assigned_to_tab')
        and exists (
            select from warm.session_events as y
            where y.session_id = s.id and y.journal_id <> p_journal
                and (y.event_type in ('order_placed', 'order_discarded')
                    or (y.event_type = 'lines_moved' and y.event_data ? 'to_session')));
end $$;

-- Where lines may wait that a till which is gone keyed too late, or money that it took: each with that till, and with the
-- orders that carry on what was found there before. `tills` are those that the asker knows to be gone.
create or replace function till.late_lines_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r record;
begin
    r := till.open_read(p_request);
    return coalesce(r.refused, json_build_object('ok', true, 'late', (
        select coalesce(json_agg(json_build_object(
            'session', x.id, 'version', x.version, 'till', x.till_id, 'carried', (
                select coalesce(json_agg(distinct e.event_data->>'to_session'), '[]')
                from warm.log_of(x.id) as e
                where e.event_type = 'lines_moved' and e.event_data->>'late' = 'true')
            ) order by x.id), '[]')
        from (
            select distinct s.id, s.version, g.till_id
            from warm.gone_journals(
                    (r.door).store_id, greatest((r.request->>'stale_minutes')::integer, 1),
                    array(select t::integer from jsonb_array_elements_text(r.request->'tills') as t)) as g,
                warm.ended_elsewhere((r.door).store_id, g.journal_id) as s
            where warm.may_be_late(s.id, g.till_id) or warm.may_be_hidden(s.id, g.till_id)
            order by s.id limit 50
        ) as x
    ))::text);
exception when data_exception then
    return warm.refusal('protocol', 'This was not understood: ' || sqlerrm, null, null);
end $$;
