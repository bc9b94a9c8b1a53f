-- Voids and cleared orders, with sent items separate. Fewer pieces are a void, at the keyed price; an order that was
-- cleared has its total, as everywhere else. Acts that were undone, reversed or refused are not voids.

-- Each void and each cleared order of a business day, with its order.
-- for: admin, report
create or replace function cold.removed_on(p_store uuid, p_day date) returns table (
    session_id text, user_id integer, name text, currency text, kind text, event_id uuid, pieces bigint, amount numeric, sent boolean,
    item text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    venue constant jsonb := till.venue(p_store);
    span constant record := till.day_span(venue, p_day);
begin
    return query
    with acts as (
        select e.session_id, e.event_id, e.event_type, e.event_data, e.user_id, e.till_id, e.login_session, e."timestamp"
        from warm.session_events as e
        where e.store_id = p_store and e."timestamp" >= span.begins and e."timestamp" < span.ends
            and e.event_type = any (warm.kinds_removing())
        union all
        select a.session_id, a.event_id, a.event_type, a.event_data, a.user_id, a.till_id, a.login_session, a."timestamp"
        from cold.from_audit(  -- of any month: an act of a till that was away counts on its day
            format('a.store_id = %L and a."timestamp" >= %L and a."timestamp" < %L
                and a.event_type = any (warm.kinds_removing())', p_store, span.begins, span.ends),
            0, null, null) as a
    ), valid_acts as (
        select a.*, a.event_type = 'order_discarded' as clears
        from acts as a
        where till.day_of(venue, a."timestamp") = p_day and not a.event_data ? 'follows'
            and not exists (
            select from warm.log_of(a.session_id) as u
            where case
                when u.event_type = 'refused' then u.event_data->'events' ? a.event_id::text
                when a.event_type <> 'order_discarded' then u.event_type = 'change_undone' and u.event_data->>'event' = a.event_id::text
                else u.event_id > a.event_id and u.event_type in ('order_resumed', 'order_granted') end)
    )
    select l.session_id::text, l.user_id, coalesce(u.name, till.program_of(p_store, l.till_id, l.login_session), ''), o.currency, case when l.clears then 'clear' else 'void' end,
        l.event_id, r.pieces, case when l.clears then coalesce(o.total, r.amount) else r.amount end, r.sent, r.item
    from valid_acts as l
    cross join lateral (
        select sum(case when l.clears then abs(x.pieces) else x.pieces end)::bigint as pieces, sum(x.amount) as amount,
            coalesce(bool_or(x.sent), false) as sent, coalesce(string_agg(distinct x.item_name, ', '), '') as item
        from jsonb_path_query(l.event_data, '$.removed[*]') as p (one)
        cross join lateral jsonb_to_record(p.one) as x (item_name text, pieces bigint, amount numeric, sent boolean)
        having count(*) > 0
    ) as r
    join warm.every_session as o on o.id = l.session_id
    left join till.users as u on u.store_id = p_store and u.id = l.user_id;
end $$;

-- for: admin, report
create or replace view cold.taken_off as
select c.store_id, c.business_date, t.session_id, t.user_id, t.name, t.currency, t.kind, t.event_id, t.pieces, t.amount, t.sent,
    t.item
from cold.calendar as c cross join lateral cold.removed_on(c.store_id, c.business_date) as t;

-- The sums are of amounts without a sign: a voided return must not hide what was taken off beside it.
-- for: admin, report
create or replace view cold.taken_off_by_person as
select t.store_id, t.business_date, t.user_id, t.name, t.currency, t.kind, count(distinct t.event_id) as times,
    sum(abs(t.pieces))::bigint as pieces, sum(abs(t.amount)) as amount, t.sent
from cold.taken_off as t
group by t.store_id, t.business_date, t.user_id, t.name, t.currency, t.kind, t.sent;

-- Each void and each cleared order, with its order, its reason and who approved it.
-- for: admin, report
create or replace view cold.void_acts as
select t.store_id, t.business_date, t.currency, t.event_id, t.session_id, cold.order_in_words(t.session_id) as order_name, t.user_id,
    t.name, t.kind, t.item, abs(t.pieces) as pieces, abs(t.amount) as amount, t.sent, a.at, a.reason, a.approved_by, a.approver
from cold.taken_off as t cross join lateral cold.act_of(t.event_id) as a;
