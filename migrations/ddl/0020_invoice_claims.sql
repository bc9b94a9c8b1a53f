-- The full invoices for tickets that were paid before, one for each sale.

create table till.invoice_claims (
    store_id uuid not null,
    order_id uuid not null,
    till_id integer not null,
    claimed_at timestamp with time zone not null,
    event_id uuid,
    number text collate "C",
    constraint invoice_claims_pkey primary key (store_id, order_id),
    constraint invoice_claims_order_id_fkey foreign key (order_id) references cold.orders (order_id)
);

create index invoice_claims_by_event on till.invoice_claims (event_id) where event_id is not null;

create index invoice_claims_by_number on till.invoice_claims (store_id, number) where number is not null;
