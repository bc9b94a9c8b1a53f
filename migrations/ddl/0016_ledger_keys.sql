-- The key of what waits to be booked, and the name of a constraint, as `db/tables/cold.py` declares them.

alter table cold.ledger_due drop constraint ledger_due_pkey, add constraint ledger_due_pkey primary key (store_id, event_id);
alter table cold.ledger_rows rename constraint ledger_rows_store_id_fkey to ledger_rows_store_id_batch_fkey;
