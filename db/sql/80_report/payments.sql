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
