-- The arrival of pay-offs at the drawers, by which they are counted (`till.value_movements` in `db/tables/till.py`).

alter table till.value_movements add column arrived_at timestamp with time zone;

create index value_movements_arrived on till.value_movements (store_id, till_id, arrived_at) where arrived_at is not null;
