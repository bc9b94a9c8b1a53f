-- What is kept for ever: completed orders, the menu, and the cold end of the log. An order is complete from the moment its row stands, and
-- triggers refuse every later change to it or its children. Money is exact numeric with its currency's decimals.

-- A null store_id is a word that every store shares.
create table cold.order_type_table (
    order_type_id integer primary key,
    order_type_name text not null,
    store_id uuid
);
create unique index order_type_by_name on cold.order_type_table (order_type_name, store_id) nulls not distinct;
insert into cold.order_type_table values (1, 'dine_in'), (2, 'take_away'), (3, 'delivery');

create table cold.order_source_type (
    order_source_id integer primary key,
    source_name text not null,
    store_id uuid
);
create unique index order_source_by_name on cold.order_source_type (source_name, store_id) nulls not distinct;
insert into cold.order_source_type values (1, 'till'), (2, 'chatbot');

create table cold.orders (
    order_id uuid primary key,
    session_id text collate "C" not null,
    customer_id uuid,
    order_type_id integer references cold.order_type_table,
    order_source_id integer not null references cold.order_source_type,
    order_type text,
    payment_method text,
    total_amount numeric not null check (abs(total_amount) < 1e15),
    net numeric not null,
    tax numeric not null,
    rounding numeric not null,
    currency text not null,
    receipt text,
    business_date date not null,
    taxes jsonb not null,
    voids jsonb not null,
    user_id integer,
    till_id integer not null,
    tab_id uuid,
    ref text,
    event_id uuid not null,
    store_id uuid not null,
    created_at timestamptz not null
);
create index orders_by_day on cold.orders (store_id, business_date);
create index orders_of_session on cold.orders (session_id);
-- A receipt number that was given before (a journal was restored on its own machine) is found as its order comes.
create index orders_by_receipt on cold.orders (store_id, receipt);

-- Equal lines are one row, rounded once, their line ids beneath.
create table cold.order_item (
    order_id uuid not null references cold.orders,
    position integer not null,
    menu_item_id text,
    item_name text not null,
    quantity integer not null,
    unit_price numeric not null,
    subtotal numeric not null,
    net numeric not null,
    tax numeric not null,
    discount numeric not null,
    taxes jsonb not null,
    modifiers jsonb not null,
    measure text,
    line_ids uuid[] not null,
    store_id uuid not null,
    primary key (order_id, position)
);

-- A line is paid for once: its id is the key, whichever order covers it.
create table cold.order_line (
    line_id uuid primary key,
    order_id uuid not null references cold.orders,
    store_id uuid not null
);

-- Change is cash given back: a payment with change is two rows, what was tendered and a negative row.
create table cold.order_payment (
    order_id uuid not null references cold.orders,
    position integer not null,
    is_change boolean not null default false,
    payment_id uuid,
    tender text not null,
    amount numeric not null check (abs(amount) < 1e15),
    store_id uuid not null,
    primary key (order_id, position, is_change)
);
-- A payment settles one order: taken before two tills were apart, it stands on what both placed, and is one.
create unique index order_payment_once on cold.order_payment (payment_id) where not is_change;

-- Where an order stood until it was paid: what brought it there, when, by whom and on which till. A takeover is an
-- `active` on another till than before.
create table cold.order_status_history (
    order_id uuid not null references cold.orders,
    position integer not null,
    status text not null,
    event_type text not null,
    changed_at timestamptz not null,
    user_id integer,
    till_id integer,
    store_id uuid not null,
    primary key (order_id, position)
);

create table cold.menu_categories (
    store_id uuid not null references till.stores,
    category_id text not null,
    name text not null,
    position integer not null default 0,
    daypart text,
    primary key (store_id, category_id)
);

-- `price` null: an open price, asked for when the item is keyed.
create table cold.menu_item (
    store_id uuid not null,
    menu_item_id text not null,
    plu integer,
    name text not null,
    category_id text not null,
    price numeric,
    tax text,
    aliases text[] not null default '{}',
    barcodes text[] not null default '{}',
    sold_out boolean not null default false,
    returnable boolean not null default false,
    weighed boolean not null default false,
    position integer not null default 0,
    primary key (store_id, menu_item_id),
    foreign key (store_id, category_id) references cold.menu_categories
);
create unique index menu_item_by_plu on cold.menu_item (store_id, plu) where plu is not null;

-- When an item is sold; an item without a row is sold all day.
create table cold.menu_item_availability_schedule (
    store_id uuid not null,
    menu_item_id text not null,
    daypart text not null,
    available_from time not null,
    available_to time not null,
    primary key (store_id, menu_item_id, daypart),
    foreign key (store_id, menu_item_id) references cold.menu_item on delete cascade
);

-- Events that the log let go, whole and for ever: every column as it stood in warm.session_events, by the month in
-- which they arrived. Partitions are made as they are needed; the last catches what fits none.
create table cold.order_audit (like warm.session_events) partition by range (received_at);
alter table cold.order_audit add primary key (event_id, received_at);
create index order_audit_in_chain on cold.order_audit (journal_id, seq);
create index order_audit_of_session on cold.order_audit (session_id, version) where session_id is not null;
create index order_audit_taken_off on cold.order_audit (store_id, session_id)
where event_type in ('line_voided', 'order_discarded');
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
