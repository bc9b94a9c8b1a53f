-- The lists that the sender of fiscal records reads: stamps without an answer, and documents without a stamp
-- (`till.fiscal_unstamped`). They hold what was recorded before.

alter table cold.fiscal_stamps add column answered boolean default false not null;
alter table cold.fiscal_stamps add column requests integer default 0 not null;

update cold.fiscal_stamps as s set answered = true
where exists (select from cold.fiscal_answers as a where a.store_id = s.store_id and a.event_id = s.event_id);

create index fiscal_stamps_waiting on cold.fiscal_stamps (store_id, arrival) where state = 'to_send' and not answered;

create table till.fiscal_unstamped (
    store_id uuid not null,
    of_id uuid not null,
    noted_at timestamp with time zone default now() not null,
    failed_at timestamp with time zone,
    why text default '' not null,
    constraint fiscal_unstamped_pkey primary key (store_id, of_id),
    constraint fiscal_unstamped_store_id_fkey foreign key (store_id) references till.stores (store_id)
);

insert into till.fiscal_unstamped (store_id, of_id)
select d.store_id, d.id
from (
    select o.store_id, o.order_id as id, o.business_date from cold.orders as o where o.receipt is not null
    union all
    select r.store_id, r.refund_id, r.business_date from cold.refunds as r
) as d
join till.settings as v on v.store_id = d.store_id and v.name = 'settings'
where d.business_date >= (v.body->'fiscal'->>'from')::date and not exists (
    select from cold.fiscal_stamps as s where s.store_id = d.store_id and s.of_id = d.id and s.state = 'to_send');

alter table till.fiscal_senders add column compared_at timestamp with time zone;
