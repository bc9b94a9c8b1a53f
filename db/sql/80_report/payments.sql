-- The tables of payments, as views of the events. Nothing is stored twice, and only an event changes them.
-- A payment order is a payment or a refund, by the key under which it was requested. A transaction is money that moved,
-- counted once even if several tills reported it.

-- Each event of a payment or a refund, whoever wrote it.
-- for: admin, report, program
create or replace view cold.payment_audit_log as
with facts as (
    select e.event_id, e.store_id, e.session_id, e.stream_id, e.stream_kind, e.event_type, e.event_data, e.user_id, e.till_id,
        e."timestamp"
    from warm.session_events as e
    where starts_with(e.event_type, 'payment_') or starts_with(e.event_type, 'refund_')
    union all
    select a.event_id, a.store_id, a.session_id, a.stream_id, a.stream_kind, a.event_type, a.event_data, a.user_id, a.till_id,
        a."timestamp"
    from cold.order_audit as a
    where starts_with(a.event_type, 'payment_') or starts_with(a.event_type, 'refund_')
)
select s.event_id, s.store_id, coalesce(s.session_id, n.session_id, s.event_data->>'session_id') as session_id,
    case s.stream_kind when 'refund' then s.stream_id::text else s.event_data->>'payment_id' end as external_order_id,
    s.event_type, s.event_data->>'tender' as payment_gateway, (s.event_data->>'amount')::numeric as amount,
    coalesce((s.event_data->>'tip')::numeric, 0) as tip, coalesce(s.event_data->>'transaction', '') as "transaction",
    coalesce(s.event_data->>'place', '') as place, coalesce(s.event_data->>'asker', '') as asker,
    coalesce(s.event_data->>'number', '') as "number", (s.event_data->>'approved_by')::integer as approved_by, s.user_id,
    s.till_id, s."timestamp" as created_at
from facts as s
-- a refund names its order by the stream, as tills do
left join till.program_sessions as n on s.stream_kind = 'refund' and n.stream_id = (s.event_data->>'session_id')::uuid
where (select till.sees_all()) or coalesce(s.session_id, n.session_id) in (select till.own_sessions());

-- Each payment and each refund, with its state. An approval counts before a decline, as in a till's fold.
-- for: admin, report, program
create or replace view cold.payment_order as
select l.external_order_id, l.store_id, (array_agg(l.session_id order by l.event_id desc))[1] as session_id, min(l.payment_gateway) as payment_gateway,
    coalesce(
        (array_agg(l.amount order by l.event_id) filter (where l.event_type in ('payment_approved', 'refund_approved')))[1],
        (array_agg(l.amount order by l.event_id))[1]) as amount,
    case
        when bool_or(l.event_type = 'payment_voided') then 'failed'
        when bool_or(l.event_type in ('payment_approved', 'refund_approved')) then 'completed'
        when bool_or(l.event_type in ('payment_declined', 'refund_declined')) then 'failed'
        else 'processing'
    end as status,
    coalesce(max(l.place) filter (where l.event_type in ('payment_started', 'refund_started')), '') as place,
    coalesce(max(l.asker) filter (where l.event_type in ('payment_started', 'refund_started')), '') as asker,
    coalesce(max(l."number") filter (where l.event_type in ('payment_started', 'refund_started')), '') as "number",
    min(l.created_at) as created_at,
    max(l.created_at) as updated_at
from cold.payment_audit_log as l
group by l.external_order_id, l.store_id;  -- a payment that moved to another order with its lines is still one payment

-- Money that moved: positive if taken, negative if refunded.
-- for: admin, report, program
create or replace view cold.payment_transaction as
select distinct on (l.store_id, l.external_order_id, l.event_type)  -- the store first, so that a query for one store reads no other
    l.event_id as transaction_id, l.external_order_id, l.store_id, l.session_id, l.payment_gateway,
    case l.event_type when 'payment_approved' then 'charge' when 'payment_voided' then 'give_back' else 'refund' end as kind,
    case l.event_type when 'payment_voided' then -l.amount else l.amount end as amount, l.tip, l."transaction", l.user_id,
    l.till_id, l.created_at
from cold.payment_audit_log as l
where l.event_type in ('payment_approved', 'payment_voided', 'refund_approved')
order by l.store_id, l.external_order_id, l.event_type, l.event_id;

-- The money that moved in a tender from one time to another, by the clock of the tills: [{"kind", "reference", "amount", "tip",
-- "at", "till", "session", "currency"}], with the kinds of `cold.payment_transaction`. `reference` is the provider's id of the
-- payment, or the number of its slip, also where its money went back. `p_asked` has "tender", "begins" and "ends". A corrected
-- payment counts in the tender that it was corrected to.
-- for: admin, manager
create or replace function till.tender_moves_v1(p_store uuid, p_asked jsonb) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    wanted constant text := p_asked->>'tender';
    begins constant timestamptz := (p_asked->>'begins')::timestamptz;
    ends constant timestamptz := (p_asked->>'ends')::timestamptz;
    types constant text[] := '{payment_approved,payment_voided}';
begin
    return (
        with facts as (
            select e.event_id, e.session_id, e.event_type, e.event_data, e.till_id, e."timestamp" as at from warm.session_events as e
            where e.store_id = p_store and e.event_type = any (types) and e."timestamp" >= begins and e."timestamp" < ends
            union all
            select a.event_id, a.session_id, a.event_type, a.event_data, a.till_id, a."timestamp"
            from cold.audited_on(p_store, begins, ends, types) as a
        ), moved as (
            select distinct on (f.event_type, f.event_data->>'payment_id') f.*, (f.event_data->>'payment_id')::uuid as payment_id
            from facts as f order by f.event_type, f.event_data->>'payment_id', f.event_id
        ), found as (
            select case m.event_type when 'payment_approved' then 'charge' else 'give_back' end as kind, t.reference,
                case m.event_type when 'payment_approved' then d.amount else -d.amount end as amount,
                case m.event_type when 'payment_approved' then coalesce(d.tip, 0) else 0 end as tip, m.at, m.till_id, m.session_id,
                (select s.currency from warm.every_session as s where s.id = m.session_id) as currency
            from moved as m cross join lateral jsonb_to_record(m.event_data) as d (tender text, amount numeric, tip numeric, transaction text)
            left join lateral (
                select c.tender from cold.orders as o join cold.tender_correction as c on c.order_id = o.order_id
                where o.session_id = m.session_id and c.payment_id = m.payment_id order by c.correction_id desc limit 1) as c on true
            cross join lateral (
                select case when m.event_type = 'payment_approved' then d.transaction else (
                    select a.event_data->>'transaction' from warm.log_of(m.session_id) as a
                    where a.event_type = 'payment_approved' and (a.event_data->>'payment_id')::uuid = m.payment_id
                    order by a.event_id limit 1) end as reference) as t
            where coalesce(c.tender, d.tender) = wanted
            union all
            select 'refund', (
                    select p.transaction from cold.order_payment as p
                    where p.payment_id = r.payment_id and not p.is_change and not p.is_claimed),
                r.amount, 0, r.created_at, r.till_id, o.session_id, r.currency
            from cold.refunds as r join cold.orders as o on o.order_id = r.order_id
            where r.store_id = p_store and r.tender = wanted and r.created_at >= begins and r.created_at < ends
                and r.business_date between (begins - interval '2 days')::date and (ends + interval '2 days')::date
        )
        select coalesce(json_agg(json_build_object(
            'kind', f.kind, 'reference', coalesce(f.reference, ''), 'amount', f.amount::text, 'tip', f.tip::text,
            'at', warm.time_text(f.at), 'till', f.till_id, 'session', f.session_id, 'currency', f.currency)
            order by f.at, f.session_id, f.kind), '[]')
        from found as f);
end $$;
