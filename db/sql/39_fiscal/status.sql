-- The state of the sending, and the records for a comparison and for the export.

-- The tills that were not heard since the law was set, in the days around its first one: they sell, and stamp nothing.
create or replace function cold.tills_before_law(p_store uuid) returns integer[]
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
    first constant date := (venue->'fiscal'->>'from')::date;
    set_at timestamptz;
begin
    if first is null or till.business_date(p_store, now()) not between first - 1 and first + 7 then
        return '{}';
    end if;
    select max(e."timestamp") into set_at from warm.log as e
    where e.journal_id in (select h.journal_id from warm.journal_head as h where h.store_id = p_store and h.till_id = 0)
        and e.event_type = 'settings_changed' and e.event_data->'keys' ? 'fiscal';
    return array(
        select t.id from till.tills as t
        where t.store_id = p_store and t.revoked_at is null and t.stations is null and t.seen_at < set_at
            and t.id <> coalesce((venue->>'fiscal_sender')::integer, 0)
        order by t.id);
end $$;

-- Stamps by their numbers, for a status: [{"number", "till", "at"}].
create or replace function cold.stamps_by_number(p_stamps cold.fiscal_stamps[]) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('number', s.number, 'till', s.till_id, 'at', warm.time_text(s.at)) order by s.at), '[]')
        from unnest(p_stamps) as s);
end $$;

-- The stamps behind a hole: the record before, by its hash, is not here.
create or replace function cold.fiscal_holes(p_store uuid) returns setof cold.fiscal_stamps
language sql stable as $$
    select x.* from cold.fiscal_stamps as x
    where x.store_id = p_store and x.state = 'to_send' and x.previous <> '' and not exists (
        select from cold.fiscal_stamps as y where y.chain = x.chain and y.hash = x.previous)
    order by x.at limit 50
$$;

-- Those of the newest stamps whose clock was not sure.
create or replace function cold.fiscal_unsure(p_store uuid) returns setof cold.fiscal_stamps
language sql stable as $$
    select u.* from (
        select * from cold.fiscal_stamps as x where x.store_id = p_store and x.state = 'to_send' order by x.arrival desc limit 500) as u
    where ((warm.event_by_id(p_store, u.event_id)).event_data->>'unsure')::boolean
$$;

-- The records that the authority refused or took with errors, with its words.
create or replace function cold.troubles_json(p_store uuid) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object(
            'number', t.number, 'kind', t.kind, 'till', t.till_id, 'at', warm.time_text(t.at), 'state', t.state,
            'code', t.code, 'words', t.words) order by t.at), '[]')
        from (
            select y.number, y.kind, y.till_id, y.at, x.state, x.code, x.words
            from cold.fiscal_troubles(p_store) as x
            join cold.fiscal_stamps as y on y.store_id = x.store_id and y.event_id = x.event_id
            order by y.at limit 200) as t);
end $$;

-- The sales and refunds that the sender could not stamp, with the reason.
create or replace function cold.unmade_json(p_store uuid) returns jsonb
language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('number', m.number, 'till', m.till_id, 'at', warm.time_text(m.at), 'why', m.why)
            order by m.at), '[]')
        from (
            select coalesce(o.receipt, c.receipt) as number, coalesce(o.till_id, c.till_id) as till_id, u.failed_at as at, u.why
            from till.fiscal_unstamped as u
            left join cold.orders as o on o.order_id = u.of_id
            left join till.refund_claims as c on c.refund_id = u.of_id
            where u.store_id = p_store and u.failed_at is not null order by u.failed_at limit 50) as m
        where m.number is not null);
end $$;

-- The declined refunds of 31 days that have a number and no stamp.
create or replace function cold.declined_json(p_store uuid) returns jsonb
language plpgsql stable as $$
declare
    venue constant jsonb := till.venue(p_store);
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('number', d.receipt, 'till', d.till_id, 'at', warm.time_text(d.started_at))
            order by d.started_at), '[]')
        from (
            select * from till.refund_claims as x
            where x.store_id = p_store and x.state = 'declined' and x.started_at > now() - interval '31 days'
                and till.is_under_law(venue, x.started_at)
                and not exists (select from cold.fiscal_stamps as y where y.of_id = x.refund_id)
            order by x.started_at desc limit 50) as d);
end $$;

-- The state of the sending: {"scheme", "sender", "heard_at", "sent_at", "trouble", "trouble_since", "certificate_ends",
-- "waiting", "since", "accepted", "work", "troubles", "unmade", "holes", "declined", "unsure", "held"}; `held` are invoices of a revoked till that wait for a manager, `work` is the number of stamps that the
-- sender has to make, `unmade` those of them that it could not make, `declined` the refunds of 31 days that have a number and no stamp, `unsure` those of the newest stamps whose clock was not sure.
-- for: admin, manager
create or replace function till.fiscal_status_v1(p_store uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.fiscal_senders;
    venue constant jsonb := till.venue(p_store);
begin
    select * into s from till.fiscal_senders as x where x.store_id = p_store;
    return (
        select jsonb_build_object(
            'scheme', coalesce(venue->'fiscal'->>'scheme', ''), 'sender', coalesce((venue->>'fiscal_sender')::integer, 0),
            'heard_at', warm.time_text(s.heard_at), 'sent_at', warm.time_text(s.sent_at), 'trouble', coalesce(s.trouble, ''),
            'trouble_since', warm.time_text(s.trouble_since), 'certificate_ends', warm.time_text(s.certificate_ends),
            'unheard', to_jsonb(cold.tills_before_law(p_store)),
            'held', cold.stamps_by_number(array(select h from cold.fiscal_held(p_store) as h order by h.at limit 200)),
            'work', (select count(*) from cold.fiscal_work(p_store)), 'waiting', w.n, 'since', warm.time_text(w.since),
            'accepted', (select count(*) from cold.fiscal_answers as a where a.store_id = p_store and a.state <> 'refused'),
            'troubles', cold.troubles_json(p_store), 'unmade', cold.unmade_json(p_store),
            'holes', cold.stamps_by_number(array(select cold.fiscal_holes(p_store))), 'declined', cold.declined_json(p_store),
            'unsure', cold.stamps_by_number(array(select cold.fiscal_unsure(p_store))))
        from (select count(*) as n, min(x.at) as since from cold.fiscal_waiting(p_store) as x) as w
    );
end $$;

-- The records that the sender sends of the invoices around one day of the venue's calendar, with all later ones of their numbers, and the
-- state of each at the authority as the sender told it (`answer`; null for none), for the comparison with the authority's own list.
-- for: admin, manager
create or replace function till.fiscal_day_v1(p_store uuid, p_day date, p_after bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    zone constant text := coalesce(till.venue(p_store)->>'timezone', 'UTC');
begin
    return (
        select coalesce(jsonb_agg(cold.stamp_json(x.s) || jsonb_build_object('arrival', x.arrival, 'answer', x.state) order by x.arrival), '[]')
        from (
            select s, s.arrival, a.state
            from cold.fiscal_stamps as s left join cold.fiscal_answers as a on a.store_id = s.store_id and a.event_id = s.event_id
            where s.store_id = p_store and s.state = 'to_send' and s.arrival > p_after and s.number in (
                select y.number from cold.fiscal_stamps as y
                where y.store_id = p_store and y.at >= (p_day - 1)::timestamp at time zone zone
                    and y.at < (p_day + 2)::timestamp at time zone zone)
            order by s.arrival limit least(p_limit, warm.most_backlog())
        ) as x
    );
end $$;

-- The stamps of some days, by the venue's calendar, for the export: those that are sent, each chain in its order.
-- for: admin, manager
create or replace function till.fiscal_export_v1(p_store uuid, p_from date, p_to date, p_after bigint, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    zone constant text := coalesce(till.venue(p_store)->>'timezone', 'UTC');
begin
    return (
        select coalesce(jsonb_agg(cold.stamp_json(x.s) || jsonb_build_object('arrival', x.arrival) order by x.arrival), '[]')
        from (
            select s, s.arrival from cold.fiscal_stamps as s
            where s.store_id = p_store and s.state = 'to_send' and s.arrival > p_after
                and s.at >= p_from::timestamp at time zone zone and s.at < (p_to + 1)::timestamp at time zone zone
            order by s.arrival limit least(p_limit, warm.most_backlog())
        ) as x
    );
end $$;
