-- The reports of a day find what tills wrote on it among the events of a month (`db/sql/10_chain/audit.sql`).

create index order_audit_by_time on cold.order_audit using brin ("timestamp");
