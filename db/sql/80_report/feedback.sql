-- Feedback of guests, on the business date of their order.

-- for: admin, report
create or replace view cold.feedback_by_order as
select f.store_id, o.business_date, f.score, coalesce(f.words, '') as words, f.created_at as at, f.user_id, f.till_id,
    o.order_id, o.session_id, coalesce(o.receipt, '') as receipt, o.total_amount as total, o.currency, 1 as one
from cold.feedback as f
join cold.orders as o on o.order_id = f.order_id and o.session_id = f.session_id and o.store_id = f.store_id;
