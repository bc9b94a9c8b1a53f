-- The foreign keys of the rows of a sale: `cold.place_order` writes them in one statement with the sale, and a trigger refuses
-- every other writer (`db/tables/cold.py`).

alter table cold.order_item drop constraint order_item_order_id_fkey;
alter table cold.order_line drop constraint order_line_order_id_fkey;
alter table cold.order_payment drop constraint order_payment_order_id_fkey;
alter table cold.order_status_history drop constraint order_status_history_order_id_fkey;
