-- What reports read, and all that `till_report` may: completed orders without a person, a PIN or a token in them.

CREATE OR REPLACE VIEW cold.report_orders AS
    SELECT o.store_id, o.order_id, o.business_date, o.created_at, o.till_id, o.order_type, o.currency,
        o.total_amount, o.net, o.tax, o.rounding
    FROM cold.orders AS o;

-- `lines` counts the lines as they were keyed: equal lines are one row.
CREATE OR REPLACE VIEW cold.report_items AS
    SELECT o.store_id, o.order_id, o.business_date, i.menu_item_id, i.item_name, i.quantity, i.subtotal, i.net, i.tax,
        cardinality(i.line_ids) AS lines
    FROM cold.orders AS o JOIN cold.order_item AS i USING (order_id);

-- Change is a negative row, so the amounts of a tender sum to what it settled.
CREATE OR REPLACE VIEW cold.report_payments AS
    SELECT o.store_id, o.order_id, o.business_date, p.tender, p.amount, p.is_change
    FROM cold.orders AS o JOIN cold.order_payment AS p USING (order_id);

GRANT USAGE ON SCHEMA cold TO till_report;
GRANT SELECT ON cold.report_orders, cold.report_items, cold.report_payments TO till_report;
