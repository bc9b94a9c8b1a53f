-- The order type of a line of a sale: its own if somebody said so, else that of its order; null for what was sold before.

alter table cold.order_item add column order_type text;
