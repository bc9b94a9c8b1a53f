-- The tills that ever claimed the full invoice for a ticket.

create table till.invoice_claimers (
    store_id uuid not null,
    order_id uuid not null,
    till_id integer not null,
    claimed_at timestamp with time zone not null,
    constraint invoice_claimers_pkey primary key (store_id, order_id, till_id),
    constraint invoice_claimers_order_id_fkey foreign key (order_id) references cold.orders (order_id)
);

create index invoice_claimers_of_till on till.invoice_claimers (store_id, till_id, claimed_at);

insert into till.invoice_claimers (store_id, order_id, till_id, claimed_at)
select c.store_id, c.order_id, c.till_id, c.claimed_at from till.invoice_claims as c;
