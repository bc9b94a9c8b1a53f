-- Corrections of tips, beside the payments of sales (`cold.tip_correction` in `db/tables/cold.py`).

create table cold.tip_correction (
    correction_id uuid not null,
    order_id uuid not null,
    payment_id uuid not null,
    was numeric not null,
    tip numeric not null,
    amount numeric not null,
    tender text not null,
    business_date date not null,
    approved_by integer,
    user_id integer,
    till_id integer not null,
    drawer integer,
    store_id uuid not null,
    created_at timestamp with time zone not null,
    constraint tip_correction_pkey primary key (correction_id),
    constraint tip_correction_order_id_fkey foreign key (order_id) references cold.orders (order_id),
    constraint tip_correction_amount_check check (tip >= 0 and amount = tip - was and amount <> 0)
);

create index tip_correction_of_order on cold.tip_correction (order_id);

-- Sales are also found by what was paid with its tips.
create index order_payment_tipped on cold.order_payment (store_id, order_id) where tip > 0;
