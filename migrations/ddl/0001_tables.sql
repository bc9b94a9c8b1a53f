-- The tables of the first revision. It is frozen: a later change is an added revision.

CREATE TABLE cold.audit_reach (
    store_id UUID NOT NULL,
    newest UUID NOT NULL,
    CONSTRAINT audit_reach_pkey PRIMARY KEY (store_id)
);

CREATE TABLE cold.content_moves_archive (
    content_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    came_by UUID,
    came_from TEXT COLLATE "C",
    moved_by INTEGER,
    left_by UUID,
    store_id UUID NOT NULL,
    CONSTRAINT content_moves_archive_pkey PRIMARY KEY (content_id, session_id)
);

CREATE INDEX content_moves_archive_of_session ON cold.content_moves_archive (session_id);

CREATE TABLE cold.feedback (
    feedback_id UUID NOT NULL,
    order_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    score INTEGER NOT NULL,
    words TEXT,
    user_id INTEGER,
    till_id INTEGER NOT NULL,
    store_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT feedback_pkey PRIMARY KEY (feedback_id),
    CONSTRAINT feedback_score_check CHECK (score between 1 and 5),
    CONSTRAINT feedback_session_id_key UNIQUE (session_id)
);

CREATE INDEX feedback_of_order ON cold.feedback (order_id);

CREATE TABLE cold.order_audit (
    event_id UUID NOT NULL,
    session_id TEXT COLLATE "C",
    stream_kind TEXT NOT NULL,
    stream_id UUID NOT NULL,
    event_type TEXT NOT NULL,
    v INTEGER NOT NULL,
    harmless BOOLEAN NOT NULL,
    event_data JSONB NOT NULL,
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL,
    journal_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    till_id INTEGER NOT NULL,
    for_till INTEGER,
    store_id UUID NOT NULL,
    user_id INTEGER,
    hold_id UUID,
    login_session UUID,
    shift UUID,
    version BIGINT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT order_audit_pkey PRIMARY KEY (event_id, received_at)
)
 PARTITION BY RANGE (received_at);

CREATE INDEX order_audit_in_chain ON cold.order_audit (journal_id, seq);

CREATE INDEX order_audit_of_refund ON cold.order_audit (stream_id) WHERE stream_kind = 'refund';

CREATE INDEX order_audit_of_session ON cold.order_audit (session_id, version) WHERE session_id is not null;

CREATE INDEX order_audit_taken_off ON cold.order_audit (store_id, timestamp) WHERE event_type in ('line_voided', 'order_discarded', 'quantity_changed');

CREATE TABLE cold.order_audit_links (
    journal_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    event_id UUID NOT NULL,
    store_id UUID NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT order_audit_links_pkey PRIMARY KEY (journal_id, seq)
);

CREATE TABLE cold.order_audit_texts (
    event_id UUID NOT NULL,
    field TEXT NOT NULL,
    salt TEXT NOT NULL,
    text TEXT NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT order_audit_texts_pkey PRIMARY KEY (event_id, field)
);

CREATE TABLE cold.order_contents_archive (
    content_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    is_payment BOOLEAN NOT NULL,
    parent_id UUID,
    till_id INTEGER NOT NULL,
    user_id INTEGER,
    store_id UUID NOT NULL,
    CONSTRAINT order_contents_archive_pkey PRIMARY KEY (content_id)
);

CREATE INDEX order_contents_archive_of_session ON cold.order_contents_archive (session_id);

CREATE TABLE cold.order_sessions_archive (
    id TEXT COLLATE "C" NOT NULL,
    store_id UUID NOT NULL,
    user_id INTEGER,
    till_id INTEGER,
    hold_id UUID,
    hold_till INTEGER,
    hold_journal UUID,
    last_move UUID,
    held_at TIMESTAMP WITH TIME ZONE,
    status TEXT NOT NULL,
    items JSONB NOT NULL,
    total NUMERIC NOT NULL,
    currency TEXT,
    order_type TEXT,
    tab_id UUID,
    ref TEXT,
    version BIGINT NOT NULL,
    last_event UUID,
    refold BOOLEAN NOT NULL,
    refold_version BIGINT NOT NULL,
    quarantined BOOLEAN NOT NULL,
    hot JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    arrived_at TIMESTAMP WITH TIME ZONE NOT NULL,
    logout_time TIMESTAMP WITH TIME ZONE,
    written JSONB NOT NULL,
    submitted JSONB,
    CONSTRAINT order_sessions_archive_pkey PRIMARY KEY (id)
);

CREATE INDEX order_sessions_archive_newest ON cold.order_sessions_archive (store_id, created_at, id);

CREATE TABLE cold.order_source_type (
    order_source_id INTEGER NOT NULL,
    source_name TEXT NOT NULL,
    store_id UUID,
    CONSTRAINT order_source_type_pkey PRIMARY KEY (order_source_id)
);

CREATE UNIQUE INDEX order_source_by_name ON cold.order_source_type (source_name, store_id) NULLS NOT DISTINCT;

CREATE TABLE cold.order_type_table (
    order_type_id INTEGER NOT NULL,
    order_type_name TEXT NOT NULL,
    store_id UUID,
    CONSTRAINT order_type_table_pkey PRIMARY KEY (order_type_id)
);

CREATE UNIQUE INDEX order_type_by_name ON cold.order_type_table (order_type_name, store_id) NULLS NOT DISTINCT;

CREATE TABLE cold.payment_method_table (
    payment_method_id INTEGER NOT NULL,
    payment_method_name TEXT NOT NULL,
    store_id UUID,
    CONSTRAINT payment_method_table_pkey PRIMARY KEY (payment_method_id)
);

CREATE UNIQUE INDEX payment_method_by_name ON cold.payment_method_table (payment_method_name, store_id) NULLS NOT DISTINCT;

CREATE TABLE cold.report_days (
    store_id UUID NOT NULL,
    view TEXT NOT NULL,
    business_date DATE NOT NULL,
    rows JSONB NOT NULL,
    CONSTRAINT report_days_pkey PRIMARY KEY (store_id, business_date, view)
);

CREATE TABLE cold.session_checkout_archive (
    session_id TEXT COLLATE "C" NOT NULL,
    order_type TEXT,
    payment_method TEXT,
    special_instructions TEXT,
    started_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    store_id UUID,
    CONSTRAINT session_checkout_archive_pkey PRIMARY KEY (session_id)
);

CREATE TABLE cold.session_payment_intent_archive (
    session_id TEXT COLLATE "C" NOT NULL,
    payment_gateway TEXT,
    gateway_order_id TEXT,
    amount NUMERIC,
    status TEXT,
    created_at TIMESTAMP WITH TIME ZONE,
    store_id UUID,
    CONSTRAINT session_payment_intent_archive_pkey PRIMARY KEY (session_id)
);

CREATE UNLOGGED TABLE hot.hot_epoch (
    store_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT hot_epoch_pkey PRIMARY KEY (store_id)
);

CREATE UNLOGGED TABLE hot.session_cart (
    session_id TEXT COLLATE "C" NOT NULL,
    item_id TEXT NOT NULL,
    item_name TEXT,
    quantity INTEGER DEFAULT 1 NOT NULL,
    price NUMERIC,
    is_active BOOLEAN DEFAULT true NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    store_id UUID,
    CONSTRAINT session_cart_pkey PRIMARY KEY (session_id, item_id)
)
 WITH (fillfactor = 70);

CREATE UNLOGGED TABLE hot.session_preferences (
    session_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    store_id UUID,
    CONSTRAINT session_preferences_pkey PRIMARY KEY (session_id, name)
)
 WITH (fillfactor = 70);

CREATE UNLOGGED TABLE hot.session_state (
    session_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT,
    last_shown_menu JSONB,
    last_mentioned_item_id TEXT,
    last_mentioned_item_name TEXT,
    current_step TEXT DEFAULT 'browsing' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_activity_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    store_id UUID,
    CONSTRAINT session_state_pkey PRIMARY KEY (session_id)
)
 WITH (fillfactor = 70);

CREATE UNLOGGED TABLE hot.session_told (
    event_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    event_type TEXT NOT NULL,
    by_row BOOLEAN NOT NULL,
    item_id TEXT,
    quantity INTEGER,
    told_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT session_told_pkey PRIMARY KEY (event_id)
);

CREATE INDEX session_told_of_session ON hot.session_told (session_id);

CREATE TABLE till.password_failures (
    store_id UUID NOT NULL,
    user_id INTEGER NOT NULL,
    till_id INTEGER NOT NULL,
    failed INTEGER DEFAULT 0 NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT password_failures_pkey PRIMARY KEY (store_id, user_id, till_id)
);

CREATE TABLE till.stores (
    store_id UUID NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT stores_pkey PRIMARY KEY (store_id)
);

CREATE TABLE till.value_movements (
    movement_id UUID NOT NULL,
    store_id UUID NOT NULL,
    tender TEXT NOT NULL,
    holder_id UUID NOT NULL,
    session_id TEXT COLLATE "C",
    amount NUMERIC NOT NULL,
    state TEXT NOT NULL,
    payment_id UUID,
    how TEXT,
    user_id INTEGER,
    till_id INTEGER NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_id UUID,
    CONSTRAINT value_movements_pkey PRIMARY KEY (movement_id),
    CONSTRAINT value_movements_tender_check CHECK (tender in ('VOUCHER', 'ACCOUNT')),
    CONSTRAINT value_movements_state_check CHECK (state in ('reserved', 'spent', 'released', 'declined', 'refunded', 'paid_off'))
);

CREATE INDEX value_movements_of_holder ON till.value_movements (holder_id);

CREATE INDEX value_movements_of_session ON till.value_movements (session_id) WHERE state = 'reserved';

CREATE TABLE warm.chain_gaps (
    journal_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    store_id UUID NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT chain_gaps_pkey PRIMARY KEY (journal_id, seq)
);

CREATE TABLE warm.content_moves (
    content_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    came_by UUID,
    came_from TEXT COLLATE "C",
    moved_by INTEGER,
    left_by UUID,
    store_id UUID NOT NULL,
    CONSTRAINT content_moves_pkey PRIMARY KEY (content_id, session_id)
);

CREATE INDEX content_moves_of_session ON warm.content_moves (session_id);

CREATE TABLE warm.erased (
    event_id UUID NOT NULL,
    store_id UUID NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT erased_pkey PRIMARY KEY (event_id)
);

CREATE TABLE warm.event_links (
    journal_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    event_id UUID NOT NULL,
    store_id UUID NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT event_links_pkey PRIMARY KEY (journal_id, seq)
);

CREATE TABLE warm.logins (
    store_id UUID NOT NULL,
    user_id INTEGER NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    event_id UUID NOT NULL,
    CONSTRAINT logins_pkey PRIMARY KEY (store_id, user_id, received_at, event_id)
);

CREATE TABLE warm.order_contents (
    content_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    is_payment BOOLEAN NOT NULL,
    parent_id UUID,
    till_id INTEGER NOT NULL,
    user_id INTEGER,
    store_id UUID NOT NULL,
    CONSTRAINT order_contents_pkey PRIMARY KEY (content_id)
);

CREATE INDEX order_contents_of_parent ON warm.order_contents (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX order_contents_of_session ON warm.order_contents (session_id);

CREATE TABLE warm.quarantine (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    store_id UUID NOT NULL,
    session_id TEXT COLLATE "C",
    event_id UUID,
    journal_id UUID,
    seq BIGINT,
    hash TEXT,
    till_id INTEGER DEFAULT 0 NOT NULL,
    event_type TEXT,
    reason TEXT NOT NULL,
    sqlstate TEXT,
    amount NUMERIC,
    body TEXT,
    texts JSONB,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by INTEGER,
    how TEXT,
    CONSTRAINT quarantine_pkey PRIMARY KEY (id),
    CONSTRAINT quarantine_session_id_event_id_journal_id_seq_reason_key UNIQUE NULLS NOT DISTINCT (session_id, event_id, journal_id, seq, reason)
);

CREATE UNIQUE INDEX quarantine_in_chain ON warm.quarantine (journal_id, seq) WHERE seq is not null;

CREATE INDEX quarantine_open ON warm.quarantine (store_id, till_id, id) WHERE resolved_at is null;

CREATE INDEX quarantine_said ON warm.quarantine (journal_id, sqlstate) WHERE seq is null;

CREATE TABLE warm.sale_claims (
    content_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT sale_claims_pkey PRIMARY KEY (content_id, event_id)
);

CREATE TABLE warm.session_checkout (
    session_id TEXT COLLATE "C" NOT NULL,
    order_type TEXT,
    payment_method TEXT,
    special_instructions TEXT,
    started_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    store_id UUID,
    CONSTRAINT session_checkout_pkey PRIMARY KEY (session_id)
);

CREATE TABLE warm.session_events (
    event_id UUID NOT NULL,
    session_id TEXT COLLATE "C",
    stream_kind TEXT NOT NULL,
    stream_id UUID NOT NULL,
    event_type TEXT NOT NULL,
    v INTEGER NOT NULL,
    harmless BOOLEAN NOT NULL,
    event_data JSONB NOT NULL,
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL,
    journal_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    till_id INTEGER NOT NULL,
    for_till INTEGER,
    store_id UUID NOT NULL,
    user_id INTEGER,
    hold_id UUID,
    login_session UUID,
    shift UUID,
    version BIGINT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT session_events_pkey PRIMARY KEY (event_id),
    CONSTRAINT session_events_journal_id_seq_key UNIQUE (journal_id, seq)
);

CREATE INDEX session_events_by_time ON warm.session_events USING brin (timestamp, received_at);

CREATE INDEX session_events_of_gateway ON warm.session_events ((event_data->>'order')) WHERE event_type = 'gateway_order_named';

CREATE INDEX session_events_of_payment ON warm.session_events ((event_data->>'payment_id')) WHERE event_type = 'payment_started';

CREATE INDEX session_events_of_refund ON warm.session_events (stream_id) WHERE stream_kind = 'refund';

CREATE INDEX session_events_of_session ON warm.session_events (session_id, version) WHERE session_id is not null;

CREATE INDEX session_events_taken_off ON warm.session_events (store_id, timestamp) WHERE event_type in ('line_voided', 'order_discarded', 'quantity_changed');

CREATE TABLE warm.session_payment_intent (
    session_id TEXT COLLATE "C" NOT NULL,
    payment_gateway TEXT,
    gateway_order_id TEXT,
    amount NUMERIC,
    status TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
    store_id UUID,
    CONSTRAINT session_payment_intent_pkey PRIMARY KEY (session_id),
    CONSTRAINT session_payment_intent_status_check CHECK (status in ('created', 'processing', 'completed', 'failed'))
);

CREATE TABLE cold.customer_table (
    customer_id UUID NOT NULL,
    store_id UUID NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    phone TEXT DEFAULT '' NOT NULL,
    added_by INTEGER,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE,
    event_id UUID NOT NULL,
    CONSTRAINT customer_table_pkey PRIMARY KEY (customer_id),
    CONSTRAINT customer_table_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE UNIQUE INDEX customer_by_phone ON cold.customer_table (store_id, phone) WHERE phone <> '';

CREATE TABLE cold.menu_categories (
    store_id UUID NOT NULL,
    category_id TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL,
    daypart TEXT,
    CONSTRAINT menu_categories_pkey PRIMARY KEY (store_id, category_id),
    CONSTRAINT menu_categories_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE cold.menu_modifier_group (
    store_id UUID NOT NULL,
    group_id TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    least INTEGER NOT NULL,
    most INTEGER,
    CONSTRAINT menu_modifier_group_pkey PRIMARY KEY (store_id, group_id),
    CONSTRAINT menu_modifier_group_rule_check CHECK (least >= 0 and most >= least),
    CONSTRAINT menu_modifier_group_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE cold.orders (
    order_id UUID NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    customer_id UUID,
    order_type_id INTEGER,
    order_source_id INTEGER NOT NULL,
    order_type TEXT,
    payment_method TEXT,
    total_amount NUMERIC NOT NULL,
    net NUMERIC NOT NULL,
    tax NUMERIC NOT NULL,
    rounding NUMERIC NOT NULL,
    service_charge NUMERIC NOT NULL,
    service_charge_net NUMERIC NOT NULL,
    service_charge_taxes JSONB DEFAULT '[]' NOT NULL,
    currency TEXT NOT NULL,
    receipt TEXT,
    business_date DATE NOT NULL,
    taxes JSONB NOT NULL,
    voids JSONB NOT NULL,
    "off" JSONB DEFAULT '[]' NOT NULL,
    user_id INTEGER,
    till_id INTEGER NOT NULL,
    tab_id UUID,
    ref TEXT,
    event_id UUID NOT NULL,
    store_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (order_id),
    CONSTRAINT orders_total_amount_check CHECK (abs(total_amount) < 1e15),
    CONSTRAINT orders_order_type_id_fkey FOREIGN KEY(order_type_id) REFERENCES cold.order_type_table (order_type_id),
    CONSTRAINT orders_order_source_id_fkey FOREIGN KEY(order_source_id) REFERENCES cold.order_source_type (order_source_id)
);

CREATE INDEX orders_by_amount ON cold.orders (store_id, total_amount, order_id);

CREATE INDEX orders_by_day ON cold.orders (store_id, business_date);

CREATE INDEX orders_by_receipt ON cold.orders (receipt, store_id);

CREATE INDEX orders_by_time ON cold.orders (store_id, created_at, order_id);

CREATE INDEX orders_of_customer ON cold.orders (store_id, customer_id, created_at) WHERE customer_id is not null;

CREATE INDEX orders_of_session ON cold.orders (session_id);

CREATE TABLE cold.table_info (
    store_id UUID NOT NULL,
    table_number INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    area TEXT DEFAULT '' NOT NULL,
    CONSTRAINT table_info_pkey PRIMARY KEY (store_id, table_number),
    CONSTRAINT table_info_seats_check CHECK (seats > 0),
    CONSTRAINT table_info_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE session.active_sessions (
    session_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_active TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    token TEXT,
    store_id UUID,
    till_id INTEGER,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT active_sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT active_sessions_status_check CHECK (status in ('ACTIVE', 'RECONNECTING', 'INACTIVE', 'EXPIRED')),
    CONSTRAINT active_sessions_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
)
 WITH (fillfactor = 70);

CREATE INDEX idx_sessions_expires_at ON session.active_sessions (expires_at);

CREATE INDEX idx_sessions_user_id ON session.active_sessions (user_id);

CREATE TABLE till.conflicts (
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    session_id TEXT COLLATE "C",
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    amount NUMERIC,
    currency TEXT,
    found_by INTEGER NOT NULL,
    till_id INTEGER DEFAULT 0 NOT NULL,
    place BIGINT GENERATED ALWAYS AS IDENTITY,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_id UUID NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by INTEGER,
    how TEXT,
    CONSTRAINT conflicts_pkey PRIMARY KEY (id),
    CONSTRAINT conflicts_store_id_kind_subject_key UNIQUE (store_id, kind, subject),
    CONSTRAINT conflicts_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE INDEX conflicts_of_session ON till.conflicts (session_id) WHERE session_id is not null;

CREATE INDEX conflicts_open ON till.conflicts (store_id, till_id, place) WHERE resolved_at is null;

CREATE TABLE till.enrolments (
    store_id UUID NOT NULL,
    till_id INTEGER NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    made_by INTEGER,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    taken_by TEXT,
    CONSTRAINT enrolments_pkey PRIMARY KEY (store_id, till_id),
    CONSTRAINT enrolments_kind_check CHECK (kind in ('add', 'replace', 'renew')),
    CONSTRAINT enrolments_digest_key UNIQUE (digest),
    CONSTRAINT enrolments_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.menus (
    store_id UUID NOT NULL,
    version INTEGER NOT NULL,
    act TEXT NOT NULL,
    body JSONB,
    item_id TEXT,
    of_version INTEGER,
    user_id INTEGER,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    till_id INTEGER,
    came_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT menus_pkey PRIMARY KEY (store_id, version),
    CONSTRAINT menus_act_check CHECK (act in ('imported', 'edited', 'scheduled', 'brought_back', 'sold_out', 'back')),
    CONSTRAINT menus_body_check CHECK ((body is null) = (act in ('sold_out', 'back'))),
    CONSTRAINT menus_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE INDEX menus_of_item ON till.menus (store_id, item_id, made_at) WHERE item_id is not null;

CREATE INDEX menus_of_till ON till.menus (store_id, till_id, came_at) WHERE till_id is not null;

CREATE TABLE till.notices (
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    till_id INTEGER NOT NULL,
    user_id INTEGER,
    kind TEXT NOT NULL,
    session_id TEXT COLLATE "C",
    by_till INTEGER NOT NULL,
    data JSONB NOT NULL,
    place BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE,
    seen_by INTEGER,
    CONSTRAINT notices_pkey PRIMARY KEY (id),
    CONSTRAINT notices_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE INDEX notices_unseen ON till.notices (store_id, till_id, place) WHERE seen_at is null;

CREATE TABLE till.numbers (
    store_id UUID NOT NULL,
    program TEXT NOT NULL,
    kind TEXT NOT NULL,
    reached INTEGER NOT NULL,
    CONSTRAINT numbers_pkey PRIMARY KEY (store_id, program, kind),
    CONSTRAINT numbers_kind_check CHECK (kind in ('orders', 'receipts')),
    CONSTRAINT numbers_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.order_sessions (
    id TEXT COLLATE "C" NOT NULL,
    store_id UUID NOT NULL,
    user_id INTEGER,
    till_id INTEGER,
    hold_id UUID,
    hold_till INTEGER,
    hold_journal UUID,
    last_move UUID,
    held_at TIMESTAMP WITH TIME ZONE,
    status TEXT DEFAULT 'active' NOT NULL,
    items JSONB DEFAULT '[]' NOT NULL,
    total NUMERIC DEFAULT 0 NOT NULL,
    currency TEXT,
    order_type TEXT,
    tab_id UUID,
    ref TEXT,
    version BIGINT DEFAULT 0 NOT NULL,
    last_event UUID,
    refold BOOLEAN DEFAULT false NOT NULL,
    refold_version BIGINT DEFAULT 0 NOT NULL,
    quarantined BOOLEAN DEFAULT false NOT NULL,
    hot JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    arrived_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    logout_time TIMESTAMP WITH TIME ZONE,
    written JSONB DEFAULT '{}' NOT NULL,
    submitted JSONB,
    CONSTRAINT order_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT order_sessions_status_check CHECK (status in ('active', 'pending_logout', 'assigned_to_tab', 'completed', 'discarded')),
    CONSTRAINT order_sessions_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
)
 WITH (fillfactor = 80);

CREATE INDEX order_sessions_held_by_till ON till.order_sessions (store_id, till_id) WHERE till_id is not null;

CREATE INDEX order_sessions_newest ON till.order_sessions (store_id, status, created_at, id);

CREATE INDEX order_sessions_of_tab ON till.order_sessions (tab_id) WHERE tab_id is not null;

CREATE INDEX order_sessions_of_user ON till.order_sessions (store_id, user_id, status, created_at, id);

CREATE INDEX order_sessions_submitted ON till.order_sessions (store_id) WHERE submitted is not null and status <> 'completed';

CREATE INDEX order_sessions_user_created ON till.order_sessions (store_id, user_id, created_at);

CREATE TABLE till.payment_hints (
    store_id UUID NOT NULL,
    event_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    payment_id UUID,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT payment_hints_pkey PRIMARY KEY (store_id, event_id),
    CONSTRAINT payment_hints_store_id_digest_key UNIQUE (store_id, digest),
    CONSTRAINT payment_hints_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE INDEX payment_hints_by_arrival ON till.payment_hints (store_id, received_at);

CREATE TABLE till.programs (
    store_id UUID NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    tells_payments BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT programs_pkey PRIMARY KEY (store_id, name),
    CONSTRAINT programs_role_key UNIQUE (role),
    CONSTRAINT programs_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.promotions (
    store_id UUID NOT NULL,
    name TEXT NOT NULL,
    body JSONB NOT NULL,
    CONSTRAINT promotions_pkey PRIMARY KEY (store_id, name),
    CONSTRAINT promotions_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.roles (
    store_id UUID NOT NULL,
    name TEXT NOT NULL,
    reach TEXT NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (store_id, name),
    CONSTRAINT roles_reach_check CHECK (reach in ('own', 'store', 'all')),
    CONSTRAINT roles_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.settings (
    store_id UUID NOT NULL,
    name TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    body JSONB,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT settings_pkey PRIMARY KEY (store_id, name),
    CONSTRAINT settings_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.store_seals (
    store_id UUID NOT NULL,
    inner_key BYTEA NOT NULL,
    outer_key BYTEA NOT NULL,
    CONSTRAINT store_seals_pkey PRIMARY KEY (store_id),
    CONSTRAINT store_seals_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.tabs (
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    table_number TEXT,
    covers INTEGER,
    user_id INTEGER,
    status TEXT DEFAULT 'open' NOT NULL,
    session_id TEXT COLLATE "C",
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    erased_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT tabs_pkey PRIMARY KEY (id),
    CONSTRAINT tabs_status_check CHECK (status in ('open', 'closed')),
    CONSTRAINT tabs_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE INDEX tabs_open_by_table ON till.tabs (store_id, table_number) WHERE status = 'open';

CREATE TABLE till.tills (
    store_id UUID NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    live_journal UUID,
    journals INTEGER DEFAULT 0 NOT NULL,
    other_asked_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    seen_at TIMESTAMP WITH TIME ZONE,
    enrolled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    logged_in INTEGER,
    login_event UUID,
    CONSTRAINT tills_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT tills_id_check CHECK (id > 0),
    CONSTRAINT tills_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE INDEX tills_logged_in ON till.tills (store_id, logged_in) WHERE logged_in is not null;

CREATE TABLE till.vouchers (
    voucher_id UUID NOT NULL,
    store_id UUID NOT NULL,
    digest TEXT NOT NULL,
    hint TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    currency TEXT NOT NULL,
    expires DATE,
    issued_by INTEGER,
    issued_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    voided_by INTEGER,
    voided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT vouchers_pkey PRIMARY KEY (voucher_id),
    CONSTRAINT vouchers_store_id_digest_key UNIQUE (store_id, digest),
    CONSTRAINT vouchers_amount_check CHECK (amount > 0),
    CONSTRAINT vouchers_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE warm.event_texts (
    event_id UUID NOT NULL,
    field TEXT NOT NULL,
    salt TEXT NOT NULL,
    text TEXT NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT event_texts_pkey PRIMARY KEY (event_id, field),
    CONSTRAINT event_texts_event_id_fkey FOREIGN KEY(event_id) REFERENCES warm.session_events (event_id) ON DELETE CASCADE
);

CREATE TABLE warm.journal_head (
    journal_id UUID NOT NULL,
    store_id UUID NOT NULL,
    till_id INTEGER NOT NULL,
    seq BIGINT DEFAULT 0 NOT NULL,
    hash TEXT DEFAULT repeat('0', 64) NOT NULL,
    series TEXT DEFAULT '' NOT NULL,
    last_event UUID,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    hour TIMESTAMP WITH TIME ZONE,
    hour_events BIGINT DEFAULT 0 NOT NULL,
    hour_bytes BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT journal_head_pkey PRIMARY KEY (journal_id),
    CONSTRAINT journal_head_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
)
 WITH (fillfactor = 50);

CREATE UNIQUE INDEX journal_head_of_server ON warm.journal_head (store_id) WHERE till_id = 0;

CREATE TABLE cold.contested_sales (
    order_id UUID NOT NULL,
    event_id UUID NOT NULL,
    since DATE NOT NULL,
    booked_by UUID,
    store_id UUID NOT NULL,
    CONSTRAINT contested_sales_pkey PRIMARY KEY (order_id),
    CONSTRAINT contested_sales_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE TABLE cold.customer_preferences (
    customer_id UUID NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT customer_preferences_pkey PRIMARY KEY (customer_id, name),
    CONSTRAINT customer_preferences_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES cold.customer_table (customer_id)
);

CREATE INDEX customer_preferences_of_order ON cold.customer_preferences (session_id);

CREATE TABLE cold.customer_sessions (
    session_id TEXT COLLATE "C" NOT NULL,
    customer_id UUID NOT NULL,
    store_id UUID NOT NULL,
    attached_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT customer_sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT customer_sessions_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES cold.customer_table (customer_id)
);

CREATE INDEX customer_sessions_of_customer ON cold.customer_sessions (customer_id);

CREATE TABLE cold.menu_item (
    store_id UUID NOT NULL,
    menu_item_id TEXT NOT NULL,
    plu INTEGER,
    name TEXT NOT NULL,
    category_id TEXT NOT NULL,
    price NUMERIC,
    tax TEXT,
    aliases TEXT[] DEFAULT '{}' NOT NULL,
    barcodes TEXT[] DEFAULT '{}' NOT NULL,
    sold_out BOOLEAN DEFAULT false NOT NULL,
    returnable BOOLEAN DEFAULT false NOT NULL,
    unit TEXT DEFAULT '' NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL,
    age INTEGER,
    CONSTRAINT menu_item_pkey PRIMARY KEY (store_id, menu_item_id),
    CONSTRAINT menu_item_age_check CHECK (age between 1 and 99),
    CONSTRAINT menu_item_store_id_category_id_fkey FOREIGN KEY(store_id, category_id) REFERENCES cold.menu_categories (store_id, category_id)
);

CREATE UNIQUE INDEX menu_item_by_plu ON cold.menu_item (store_id, plu) WHERE plu is not null;

CREATE TABLE cold.menu_modifier (
    store_id UUID NOT NULL,
    group_id TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    price NUMERIC NOT NULL,
    is_default BOOLEAN NOT NULL,
    CONSTRAINT menu_modifier_pkey PRIMARY KEY (store_id, group_id, name),
    CONSTRAINT menu_modifier_store_id_group_id_fkey FOREIGN KEY(store_id, group_id) REFERENCES cold.menu_modifier_group (store_id, group_id) ON DELETE CASCADE
);

CREATE TABLE cold.order_item (
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    menu_item_id TEXT,
    item_name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price NUMERIC NOT NULL,
    subtotal NUMERIC NOT NULL,
    net NUMERIC NOT NULL,
    tax NUMERIC NOT NULL,
    discount NUMERIC NOT NULL,
    "off" JSONB DEFAULT '[]' NOT NULL,
    taxes JSONB NOT NULL,
    modifiers JSONB NOT NULL,
    measure TEXT,
    category TEXT,
    line_ids UUID[] NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT order_item_pkey PRIMARY KEY (order_id, position),
    CONSTRAINT order_item_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE INDEX order_item_by_item ON cold.order_item (store_id, menu_item_id, order_id);

CREATE TABLE cold.order_line (
    line_id UUID NOT NULL,
    order_id UUID NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT order_line_pkey PRIMARY KEY (line_id),
    CONSTRAINT order_line_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE TABLE cold.order_payment (
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    is_change BOOLEAN DEFAULT false NOT NULL,
    payment_id UUID,
    tender TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    tip NUMERIC DEFAULT 0 NOT NULL,
    transaction TEXT,
    till_id INTEGER,
    user_id INTEGER,
    store_id UUID NOT NULL,
    is_claimed BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT order_payment_pkey PRIMARY KEY (order_id, position, is_change),
    CONSTRAINT order_payment_amount_check CHECK (abs(amount) < 1e15),
    CONSTRAINT order_payment_tip_check CHECK (tip >= 0 and (tip = 0 or tip <= amount)),
    CONSTRAINT order_payment_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE UNIQUE INDEX order_payment_once ON cold.order_payment (payment_id) WHERE not is_change and not is_claimed;

CREATE TABLE cold.order_status_history (
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    event_type TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    user_id INTEGER,
    till_id INTEGER,
    store_id UUID NOT NULL,
    CONSTRAINT order_status_history_pkey PRIMARY KEY (order_id, position),
    CONSTRAINT order_status_history_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE TABLE cold.refunds (
    refund_id UUID NOT NULL,
    order_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    receipt TEXT NOT NULL,
    tender TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    net NUMERIC NOT NULL,
    tax NUMERIC NOT NULL,
    rounding NUMERIC NOT NULL,
    currency TEXT NOT NULL,
    taxes JSONB NOT NULL,
    drawer INTEGER,
    business_date DATE NOT NULL,
    approved_by INTEGER,
    away BOOLEAN NOT NULL,
    is_beyond BOOLEAN NOT NULL,
    user_id INTEGER,
    till_id INTEGER NOT NULL,
    event_id UUID NOT NULL,
    store_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (refund_id),
    CONSTRAINT refunds_amount_check CHECK (amount < 0 and amount > -1e15),
    CONSTRAINT refunds_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE INDEX refunds_by_day ON cold.refunds (store_id, business_date);

CREATE INDEX refunds_of_order ON cold.refunds (order_id);

CREATE TABLE cold.table_booking_info (
    booking_id UUID NOT NULL,
    store_id UUID NOT NULL,
    customer_id UUID,
    name TEXT DEFAULT '' NOT NULL,
    phone TEXT DEFAULT '' NOT NULL,
    table_number INTEGER,
    covers INTEGER NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT DEFAULT 'booked' NOT NULL,
    session_id TEXT COLLATE "C",
    seated_by UUID,
    booked_by INTEGER,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    event_id UUID NOT NULL,
    CONSTRAINT table_booking_info_pkey PRIMARY KEY (booking_id),
    CONSTRAINT table_booking_info_status_check CHECK (status in ('booked', 'seated', 'no_show', 'cancelled')),
    CONSTRAINT table_booking_info_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id),
    CONSTRAINT table_booking_info_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES cold.customer_table (customer_id)
);

CREATE INDEX table_booking_info_by_time ON cold.table_booking_info (store_id, starts_at);

CREATE INDEX table_booking_info_of_customer ON cold.table_booking_info (customer_id) WHERE customer_id is not null;

CREATE TABLE cold.tender_correction (
    correction_id UUID NOT NULL,
    order_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    was TEXT NOT NULL,
    tender TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    business_date DATE NOT NULL,
    approved_by INTEGER,
    user_id INTEGER,
    till_id INTEGER NOT NULL,
    drawer INTEGER NOT NULL,
    store_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    place BIGINT GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT tender_correction_pkey PRIMARY KEY (correction_id),
    CONSTRAINT tender_correction_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE INDEX tender_correction_of_drawer ON cold.tender_correction (store_id, drawer, place) WHERE drawer <> till_id;

CREATE INDEX tender_correction_of_order ON cold.tender_correction (order_id);

CREATE TABLE cold.void_receipts (
    event_id UUID NOT NULL,
    receipt TEXT,
    order_id UUID NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT void_receipts_pkey PRIMARY KEY (event_id),
    CONSTRAINT void_receipts_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE INDEX void_receipts_by_receipt ON cold.void_receipts (store_id, receipt);

CREATE TABLE session.session_metadata (
    session_id TEXT COLLATE "C" NOT NULL,
    metadata JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT session_metadata_pkey PRIMARY KEY (session_id),
    CONSTRAINT session_metadata_metadata_check CHECK (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 8192 and coalesce(metadata->>'frontend_connections', '0') ~ '^[0-9]{1,6}$' and coalesce(metadata->>'sse_connections', '0') ~ '^[0-9]{1,6}$'),
    CONSTRAINT session_metadata_session_id_fkey FOREIGN KEY(session_id) REFERENCES session.active_sessions (session_id) ON DELETE CASCADE
)
 WITH (fillfactor = 70);

CREATE TABLE simulator.instances (
    simulator_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    endpoint TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    last_active TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    initial_symbols JSONB,
    initial_cash NUMERIC DEFAULT 100000.0 NOT NULL,
    CONSTRAINT instances_pkey PRIMARY KEY (simulator_id),
    CONSTRAINT instances_status_check CHECK (status in ('CREATING', 'STARTING', 'RUNNING', 'STOPPING', 'STOPPED', 'ERROR')),
    CONSTRAINT instances_session_id_fkey FOREIGN KEY(session_id) REFERENCES session.active_sessions (session_id) ON DELETE CASCADE
);

CREATE INDEX idx_simulator_session_id ON simulator.instances (session_id);

CREATE INDEX idx_simulator_status ON simulator.instances (status);

CREATE INDEX idx_simulator_user_id ON simulator.instances (user_id);

CREATE UNIQUE INDEX instances_live ON simulator.instances (session_id) WHERE status in ('CREATING', 'STARTING', 'RUNNING', 'STOPPING');

CREATE TABLE till.accounts (
    customer_id UUID NOT NULL,
    store_id UUID NOT NULL,
    credit_limit NUMERIC NOT NULL,
    currency TEXT NOT NULL,
    opened_by INTEGER,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT accounts_pkey PRIMARY KEY (customer_id),
    CONSTRAINT accounts_credit_limit_check CHECK (credit_limit >= 0),
    CONSTRAINT accounts_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES cold.customer_table (customer_id),
    CONSTRAINT accounts_store_id_fkey FOREIGN KEY(store_id) REFERENCES till.stores (store_id)
);

CREATE TABLE till.program_sessions (
    session_id TEXT COLLATE "C" NOT NULL,
    stream_id UUID NOT NULL,
    store_id UUID NOT NULL,
    program TEXT NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT program_sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT program_sessions_stream_id_key UNIQUE (stream_id),
    CONSTRAINT program_sessions_store_id_program_fkey FOREIGN KEY(store_id, program) REFERENCES till.programs (store_id, name)
);

CREATE TABLE till.refund_claims (
    refund_id UUID NOT NULL,
    order_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    receipt TEXT NOT NULL,
    amount NUMERIC NOT NULL,
    state TEXT NOT NULL,
    data JSONB NOT NULL,
    user_id INTEGER,
    till_id INTEGER NOT NULL,
    store_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    event_id UUID NOT NULL,
    journal_id UUID NOT NULL,
    CONSTRAINT refund_claims_pkey PRIMARY KEY (refund_id),
    CONSTRAINT refund_claims_state_check CHECK (state in ('reserved', 'refused', 'unknown', 'approved', 'declined')),
    CONSTRAINT refund_claims_order_id_fkey FOREIGN KEY(order_id) REFERENCES cold.orders (order_id)
);

CREATE INDEX refund_claims_by_receipt ON till.refund_claims (store_id, receipt);

CREATE INDEX refund_claims_of_order ON till.refund_claims (order_id);

CREATE INDEX refund_claims_waiting ON till.refund_claims (store_id) WHERE state in ('reserved', 'unknown');

CREATE TABLE till.users (
    store_id UUID NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin_hash TEXT,
    disabled_at TIMESTAMP WITH TIME ZONE,
    failed INTEGER DEFAULT 0 NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    locked_by INTEGER,
    lock_told_at TIMESTAMP WITH TIME ZONE,
    password_salt TEXT,
    password_hash TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT users_id_check CHECK (id > 0),
    CONSTRAINT users_store_id_role_fkey FOREIGN KEY(store_id, role) REFERENCES till.roles (store_id, name)
);

CREATE TABLE till.voucher_asks (
    ask_id UUID DEFAULT gen_random_uuid() NOT NULL,
    store_id UUID NOT NULL,
    till_id INTEGER NOT NULL,
    voucher_id UUID,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT voucher_asks_pkey PRIMARY KEY (ask_id),
    CONSTRAINT voucher_asks_voucher_id_fkey FOREIGN KEY(voucher_id) REFERENCES till.vouchers (voucher_id)
);

CREATE INDEX voucher_asks_of_till ON till.voucher_asks (store_id, till_id, asked_at);

CREATE TABLE cold.menu_item_availability_schedule (
    store_id UUID NOT NULL,
    menu_item_id TEXT NOT NULL,
    daypart TEXT NOT NULL,
    weekday INTEGER NOT NULL,
    available_from TIME WITHOUT TIME ZONE NOT NULL,
    available_to TIME WITHOUT TIME ZONE NOT NULL,
    CONSTRAINT menu_item_availability_schedule_pkey PRIMARY KEY (store_id, menu_item_id, daypart, weekday, available_from),
    CONSTRAINT menu_item_availability_schedule_weekday_check CHECK (weekday between 1 and 7),
    CONSTRAINT menu_item_availability_schedule_store_id_menu_item_id_fkey FOREIGN KEY(store_id, menu_item_id) REFERENCES cold.menu_item (store_id, menu_item_id) ON DELETE CASCADE
);

CREATE TABLE cold.menu_item_modifier_group (
    store_id UUID NOT NULL,
    menu_item_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT menu_item_modifier_group_pkey PRIMARY KEY (store_id, menu_item_id, group_id),
    CONSTRAINT menu_item_modifier_group_store_id_menu_item_id_fkey FOREIGN KEY(store_id, menu_item_id) REFERENCES cold.menu_item (store_id, menu_item_id) ON DELETE CASCADE,
    CONSTRAINT menu_item_modifier_group_store_id_group_id_fkey FOREIGN KEY(store_id, group_id) REFERENCES cold.menu_modifier_group (store_id, group_id)
);

CREATE TABLE cold.menu_item_price (
    store_id UUID NOT NULL,
    menu_item_id TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    price NUMERIC,
    CONSTRAINT menu_item_price_pkey PRIMARY KEY (store_id, menu_item_id, valid_from),
    CONSTRAINT menu_item_price_store_id_menu_item_id_fkey FOREIGN KEY(store_id, menu_item_id) REFERENCES cold.menu_item (store_id, menu_item_id) ON DELETE CASCADE
);

CREATE TABLE cold.refund_item (
    refund_id UUID NOT NULL,
    position INTEGER NOT NULL,
    menu_item_id TEXT,
    item_name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    amount NUMERIC NOT NULL,
    net NUMERIC NOT NULL,
    tax NUMERIC NOT NULL,
    store_id UUID NOT NULL,
    CONSTRAINT refund_item_pkey PRIMARY KEY (refund_id, position),
    CONSTRAINT refund_item_refund_id_fkey FOREIGN KEY(refund_id) REFERENCES cold.refunds (refund_id)
);

CREATE TABLE simulator.scores (
    score_id BIGINT GENERATED ALWAYS AS IDENTITY,
    store_id UUID NOT NULL,
    user_id INTEGER NOT NULL,
    till_id INTEGER NOT NULL,
    drill TEXT NOT NULL,
    day DATE NOT NULL,
    score INTEGER NOT NULL,
    figures JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT scores_pkey PRIMARY KEY (score_id),
    CONSTRAINT scores_store_id_user_id_fkey FOREIGN KEY(store_id, user_id) REFERENCES till.users (store_id, id),
    CONSTRAINT scores_score_check CHECK (score between 0 and 100 and length(drill) between 1 and 40)
);

CREATE INDEX scores_of_person ON simulator.scores (store_id, user_id, day);

CREATE TABLE till.act_tokens (
    token_hash TEXT NOT NULL,
    store_id UUID NOT NULL,
    user_id INTEGER NOT NULL,
    till_id INTEGER NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT act_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT act_tokens_store_id_user_id_fkey FOREIGN KEY(store_id, user_id) REFERENCES till.users (store_id, id)
);
