-- The accountant's journal: its batches, their rows, and what waits to be booked (`cold.ledger_batches` and the next ones in
-- `db/tables/cold.py`). `booked` is the close by which a shift was booked. What was recorded before waits too.

create table cold.ledger_batches (
    store_id uuid not null,
    batch text collate "C" not null,
    business_date date not null,
    currency text not null,
    till_id integer not null,
    shift_id uuid,
    event_id uuid,
    reverses text,
    covers jsonb,
    made_at timestamp with time zone default now() not null,
    constraint ledger_batches_pkey primary key (store_id, batch)
);

create index ledger_batches_by_day on cold.ledger_batches (store_id, business_date);
create index ledger_batches_of_shift on cold.ledger_batches (shift_id) where shift_id is not null;

create table cold.ledger_rows (
    store_id uuid not null,
    batch text collate "C" not null,
    place integer not null,
    kind text[] not null,
    what text not null,
    amount numeric not null,
    constraint ledger_rows_pkey primary key (store_id, batch, place),
    constraint ledger_rows_store_id_fkey foreign key (store_id, batch) references cold.ledger_batches (store_id, batch)
);

create table cold.ledger_due (
    event_id uuid not null,
    store_id uuid not null,
    shift_id uuid,
    business_date date,
    constraint ledger_due_pkey primary key (event_id)
);

alter table till.shifts add column booked uuid;

create index shifts_unbooked on till.shifts (store_id) where booked is distinct from coalesce(closed, closed_by_server, ended);

insert into cold.ledger_due (event_id, store_id, shift_id, business_date)
select e.event_id, e.store_id, case e.event_type when 'drawer_corrected' then e.shift end,
    case when e.event_type = any ('{order_placed,payment_approved,payment_voided,tip_corrected,refund_approved}') and e.for_till is null
        then e."timestamp"::timestamptz::date end
from (
    select x.event_id, x.store_id, x.shift, x.event_type, x.event_data, x."timestamp", x.stream_id, x.till_id, x.for_till
    from warm.session_events as x
    union all
    select x.event_id, x.store_id, x.shift, x.event_type, x.event_data, x."timestamp", x.stream_id, x.till_id, x.for_till
    from cold.order_audit as x
) as e
where e.event_type = any ('{drawer_corrected,voucher_issued,voucher_voided,account_paid_off,account_corrected}')
    or e.event_type = 'drawer_counted' and e.stream_id is distinct from e.shift
    or e.event_type = any ('{order_placed,payment_approved,payment_voided,tip_corrected,refund_approved}') and e.till_id = 0
        and e.shift is null and coalesce(e.event_data->>'tender', '') not in ('VOUCHER', 'ACCOUNT')
union
select c.correction_id, c.store_id, null, null from cold.tender_correction as c;
