-- What an open order looks like now. UNLOGGED: a crash of the server empties these tables, which the missing row
-- of hot_epoch shows, and hot.hot_rebuild_v1 makes them again. They take the documents' own INSERTs as written, so
-- a program that is not a till (a chat front end) may keep a cart here: its rows name no store.

create unlogged table hot.hot_epoch (
    store_id uuid primary key,
    epoch bigint not null,
    made_at timestamptz not null default now()
);

-- One row an item. `price` is what a unit comes to after discounts: a price that does not divide evenly keeps six
-- decimals more than its currency, and hot.get_session_cart rounds the product back.
create unlogged table hot.session_cart (
    session_id text collate "C" not null,
    item_id text not null,
    item_name text,
    quantity integer not null default 1,
    price numeric,
    is_active boolean not null default true,
    added_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    store_id uuid,
    primary key (session_id, item_id)
) with (fillfactor = 70);

create unlogged table hot.session_state (
    session_id text collate "C" primary key,
    user_id text,
    last_shown_menu jsonb,
    last_mentioned_item_id text,
    last_mentioned_item_name text,
    current_step text not null default 'browsing',
    created_at timestamptz not null default now(),
    last_activity_at timestamptz not null default now(),
    store_id uuid
) with (fillfactor = 70);

create unlogged table hot.session_preferences (
    session_id text collate "C" not null,
    name text not null,
    value text,
    updated_at timestamptz not null default now(),
    store_id uuid,
    primary key (session_id, name)
) with (fillfactor = 70);
