-- Events that the log let go, whole and for ever: every column as it stood in warm.session_events, by the month in
-- which they arrived. Partitions are made as they are needed; the last catches what fits none.
create table cold.order_audit (like warm.session_events) partition by range (received_at);
alter table cold.order_audit add primary key (event_id, received_at);
create index order_audit_in_chain on cold.order_audit (journal_id, seq);
create index order_audit_of_session on cold.order_audit (session_id, version) where session_id is not null;
create table cold.order_audit_other partition of cold.order_audit default;

-- Their places in other chains, and the free text beside them, which can be erased.
create table cold.order_audit_links (like warm.event_links including indexes);
create table cold.order_audit_texts (
    event_id uuid not null,
    field text not null,
    salt text not null,
    text text not null,
    store_id uuid not null,
    primary key (event_id, field)
);

-- The newest id in there, so that a push need not look for an event that is newer.
create table cold.audit_reach (
    store_id uuid primary key,
    newest uuid not null
);

-- A receipt number that was given before (a journal was restored on its own machine) is found as its order comes.
create index orders_by_receipt on cold.orders (store_id, receipt);
