-- Quarantined records: not applied. They are retried, or settled by a person.

-- True if a record is a sale that counts.
create or replace function warm.is_placed(q warm.quarantine) returns boolean
language sql stable as $$
    select exists (select from cold.orders as o where o.session_id = q.session_id and o.event_id = q.event_id)
$$;

-- The shift whose Z cannot be checked or booked, if the record is about that.
create or replace function warm.unbooked_shift(q warm.quarantine) returns uuid
language sql stable as $$
    select j.key::uuid from till.upkeep_jobs as j
    where q.sqlstate = 'TL031' and j.store_id = q.store_id and j.quarantine_id = q.id and j.kind in ('check', 'book') and j.key <> ''
$$;

-- True if a manager can book a record: a sale that does not count yet, or that counts as contested (TL022), or a
-- correction of another till's payment (TL026).
create or replace function warm.is_bookable(q warm.quarantine) returns boolean
language sql stable as $$
    select coalesce(q.sqlstate = 'TL026' or warm.unbooked_shift(q) is not null or q.event_type = 'order_placed' and q.event_id is not null and q.session_id is not null
        and (q.sqlstate = 'TL022' or not warm.is_placed(q)), false)
$$;

-- The sentence on the records that a quarantined record names as lost and that have not arrived since; null if all have.
create or replace function warm.lost_again(q warm.quarantine) returns text
language sql stable as $$
    select warm.lost_in_words(q.store_id, q.journal_id, warm.read_body(q.body)->'data')
$$;

-- The sentence and the sum of a record of pay-offs as it is now; null for any other record.
create or replace function warm.pay_offs_in_words(q warm.quarantine, out words text, out amount numeric)
language plpgsql stable as $$
begin
    select format(
            'The till paid off %s debts of house accounts since %s, %s %s together. Compare them with its drawer: `till admin quarantine show %s` lists them, and `till admin accounts correct` reverses one that was never paid.',
            count(*), to_char(min(m.arrived_at) at time zone 'UTC', 'HH24:MI "UTC on" YYYY-MM-DD'),
            cold.amount_text(sum(abs(m.amount)), s.currency), s.currency, q.id),
        sum(abs(m.amount))
    into words, amount
    from warm.pay_offs_in(q) as m join till.stores as s on s.store_id = m.store_id group by s.currency;
end $$;

-- A quarantined record for lists.
create or replace function warm.quarantine_row(q warm.quarantine) returns json
language plpgsql stable as $$
declare
    paid constant record := warm.pay_offs_in_words(q);
    v_amount constant numeric := coalesce(paid.amount, q.amount);
    v_currency constant text := coalesce(
        warm.read_body(q.body)->'data'->>'currency',
        (select v.currency from till.stores as v where v.store_id = q.store_id));
begin
    return json_build_object(
        'id', q.id, 'session', warm.stream_of(q.session_id), 'event', q.event_id, 'type', q.event_type, 'till', q.till_id,
        'journal', q.journal_id, 'seq', q.seq,
        'reason', case
            when q.sqlstate = 'TL019' and q.resolved_at is null
            then coalesce(warm.lost_again(q), 'The lost records have arrived since: nothing is missing. Retry settles it.')
            else coalesce(paid.words, q.reason) end,
        -- a number smaller than a coin or too large is not an amount, and a reader could not show the record
        'amount', case when scale(v_amount) <= cold.decimals_of(v_currency) and abs(v_amount) < 1e15 then v_amount::text end,
        'currency', v_currency, 'received_at', warm.time_text(q.received_at),
        'resolved_at', warm.time_text(q.resolved_at), 'resolved_by', q.resolved_by, 'how', q.how,
        'bookable', warm.is_bookable(q)
    );
end $$;

-- A waiting record, locked after its session, in the order in which a push locks.
create or replace function warm.waiting_record(p_store uuid, p_id bigint) returns warm.quarantine
language plpgsql as $$
declare
    q warm.quarantine;
begin
    perform warm.lock_session((select x.session_id from warm.quarantine as x where x.id = p_id));
    select * into q from warm.quarantine where id = p_id and store_id = p_store for update;
    if not found then
        raise exception 'There is no waiting record %.', p_id using errcode = 'TL004';
    elsif q.resolved_at is not null then
        raise exception 'The record is already settled: %', coalesce(nullif(q.how, ''), 'nothing was noted.')
            using errcode = 'TL005';
    end if;
    return q;
end $$;

-- Marks a record as settled, and clears the mark of its session if it was the last one. An order whose sale is settled
-- without being applied stays closed to tills until a manager closes it, because its guest has paid.
create or replace function warm.settle_record(p_actor integer, q warm.quarantine, p_how text) returns void
language plpgsql as $$
begin
    update warm.quarantine set resolved_at = now(), resolved_by = p_actor, how = p_how where id = q.id;
    perform warm.check_again(q.store_id, warm.read_body(q.body)->>'shift');
    update till.order_sessions as s set quarantined = false
    where s.id = q.session_id and s.quarantined and till.status_of(s) <> 'quarantined' and not exists (
        select from warm.quarantine as x where x.session_id = s.id and x.resolved_at is null);
    perform till.tell_tills(q.store_id, 'sessions');
end $$;

-- Settles the quarantined record that an event of the server names.
create or replace function warm.on_quarantine_resolved(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    perform warm.settle_record(e.user_id, q, coalesce(e.texts->'how'->>'text', ''))
    from warm.quarantine as q
    where q.id = (e.data->>'quarantine')::bigint and q.store_id = e.store_id and q.resolved_at is null;
    perform till.tell_tills(e.store_id, 'sessions');
    return true;
end $$;

-- The context of the till that sent a record, in its current state.
create or replace function warm.auth_context_of(q warm.quarantine) returns warm.auth_context
language plpgsql stable as $$
declare
    auth warm.auth_context;
begin
    auth.store_id := q.store_id;
    auth.till_id := q.till_id;
    auth.journal_id := q.journal_id;
    auth.stale_seen := false;
    select h.seq, h.hash, h.series, h.retired_at is not null into auth.seq, auth.hash, auth.series, auth.retired
    from warm.journal_head as h where h.journal_id = q.journal_id;
    return auth;
end $$;

-- A record as it arrived, with its texts.
create or replace function warm.incoming_event_of(q warm.quarantine) returns warm.incoming_event
language plpgsql stable as $$
begin
    return (warm.read_events(jsonb_build_array(jsonb_build_object('b', q.body, 'h', warm.digest(q.body), 't', coalesce(
        q.texts, (
            select jsonb_object_agg(t.field, jsonb_build_object('salt', t.salt, 'text', t.text))
            from warm.texts_of(q.event_id) as t), '{}')))))[1];
end $$;

-- Moves a record from the quarantine to the log if it is valid now. Returns null, or the reason why not. In its session
-- it is the newest event.
create or replace function warm.move_to_log(q warm.quarantine, p_auth warm.auth_context) returns text
language plpgsql as $$
declare
    auth constant warm.auth_context := p_auth;
    e constant warm.incoming_event := warm.incoming_event_of(q);
    is_booked constant boolean := warm.is_booked(q.session_id, q.event_id);
    states warm.hold_state[];
begin
    if e.fault is not null then
        return e.fault;
    elsif warm.body_of(q.store_id, e.event_id) is not null then
        return 'Another record with this id is in the log.';
    elsif q.sqlstate = 'TL021' and exists (
        select from warm.every_content as c where c.content_id = warm.made_by(e.event_type, e.data))
    then
        return q.reason;
    elsif q.sqlstate = 'TL012' and not is_booked and (
        e.event_type = any (warm.kinds_that_take()) or not warm.ever_held(e.session_id, e.till_id))
    then
        return q.reason;
    elsif q.sqlstate = 'TL033' then  -- a screen of the kitchen wrote what a till writes, or the reverse
        return q.reason;
    elsif q.sqlstate = 'TL013' and e.event_id > warm.least_id(now() + interval '1 day') then
        return q.reason;
    end if;
    update warm.quarantine set seq = null, hash = null where id = q.id;
    perform warm.make_counts(auth, array[e]);
    states := warm.take(auth, array[e], '{}', 'till', not is_booked and auth.till_id > 0);
    if not exists (select from warm.session_events as x where x.event_id = e.event_id) then
        raise exception '%', case q.sqlstate when 'TL026' then q.reason else 'The till never held the order of the record.' end
            using errcode = 'TL001';
    end if;
    perform warm.apply_beside(auth, array[e]);
    perform warm.referee(auth, states);
    perform warm.flag_sales(auth, array[e], states);
    return null;
end $$;

-- Applies a record again. Returns null, or the reason why not. A correction of another till's payment is applied if a
-- manager books it (`p_books`), with the rights of the server.
create or replace function warm.apply_again(q warm.quarantine, p_books boolean default false) returns text
language plpgsql as $$
declare
    auth warm.auth_context := warm.auth_context_of(q);
    e warm.incoming_event;
    s warm.hold_state;
    before warm.hold_state;
    message text;
    broken text;
begin
    if q.sqlstate = 'TL026' and p_books then
        auth.till_id := 0;
    end if;
    if q.sqlstate = 'TL031' then
        return warm.retry_job(q);
    elsif q.seq is not null then
        return warm.move_to_log(q, auth);
    elsif q.sqlstate = 'TL019' then  -- it counts; the records that it names may have arrived since
        return warm.lost_again(q);
    elsif q.sqlstate = 'TL025' then  -- its shift may have its opening now
        e := warm.incoming_event_of(q);
        message := coalesce(
            warm.fault_in_shift(e), case when e.event_type = 'movement_undone' and not warm.undoes_in_shift(e) then q.reason end);
        if message is null then
            perform warm.apply_by_type(auth, e);
        end if;
        return message;
    elsif q.sqlstate in ('TL018', 'TL027', 'TL028', 'TL030', 'TL032', 'TL036') then  -- a finding of the database: there is nothing to apply
        return q.reason;
    elsif q.sqlstate = 'TL022' then  -- it counts, but is contested until a manager books it
        return case when not warm.is_booked(q.session_id, q.event_id) then q.reason end;
    elsif q.sqlstate = 'TL016' and q.event_type = 'refund_approved' then  -- it counts; the guest has yet to get a voucher
        return q.reason;
    elsif q.sqlstate = 'TL015' then  -- it counts; only the approver is in doubt
        return case
            when not warm.may_approve(q.store_id, (q.body::jsonb->'data'->>'approved_by')::integer) then q.reason end;
    elsif q.body = warm.body_of(q.store_id, q.event_id) and q.event_type = 'cash_moved' then
        return warm.book_cash(auth, warm.incoming_event_of(q));
    elsif q.body = warm.body_of(q.store_id, q.event_id) and q.event_type ~ '^(refund|tender|tip)_' then
        perform warm.apply_refund(auth, warm.incoming_event_of(q));
        return null;
    elsif q.body is null or q.session_id is null then
        return case when q.session_id is null then q.reason end;  -- a snapshot: the next one replaces it
    elsif q.body is distinct from warm.body_of(q.store_id, q.event_id) then
        return q.reason;  -- another record has its id
    elsif warm.is_placed(q) then
        return null;
    end if;
    e := warm.incoming_event_of(q);
    before := warm.lock_state(auth, q.session_id);
    s := before;
    if e.event_type = 'order_placed' then
        e := warm.claim_contents(s.id, e);
        perform cold.check_order(s, e);
        perform warm.place_sale(s, e, 'till');
        if e.data->>'customer_id' is not null then
            perform warm.apply_customer_order(auth, e);
        end if;
        s.status := 'completed';
        s.till_id := null;
        s.tabs := s.tab_id is not null;
    else
        s := warm.apply_events(auth, s, array[e], 'till');
    end if;
    s.version := before.version;  -- the event already has its version
    s.last_event := before.last_event;
    s.updated_at := before.updated_at;
    s := warm.save_session(auth, s, null);
    if s.status <> before.status then
        perform warm.save_beside(s, null, case when e.event_type = 'order_placed' then e.data end, e.at);
    end if;
    perform warm.flag_sold_twice(auth, s.id);
    perform warm.notify_changes(auth, array[s]);
    return null;
exception when others then
    if warm.is_temporary(sqlstate) then
        raise;
    end if;
    get stacked diagnostics message = message_text, broken = constraint_name;
    return cold.refusal(sqlstate, broken, message);
end $$;

-- Retries a record that a newer till sent before this database knew its type. Records that were refused because their
-- till had not held the order are retried after its opening. Returns the number of records applied.
create or replace function warm.retry_known_type(p_id bigint) returns integer
language plpgsql as $$
declare
    q warm.quarantine;
    waits warm.quarantine;
    applied integer := 1;
begin
    select * into q from warm.quarantine as x where x.id = p_id;
    if not warm.retry_record(q) then
        return 0;
    elsif q.event_type = any (warm.kinds_that_take()) then
        for waits in
            select x.* from warm.quarantine as x
            where x.session_id = q.session_id and x.store_id = q.store_id and x.resolved_at is null and x.seq is not null
                and x.sqlstate = 'TL012'
            order by x.id
        loop
            applied := applied + warm.retry_record(waits)::integer;
        end loop;
    end if;
    return applied;
end $$;

-- Retries the refunds and corrections of a sale that arrived before it, or the refunds that arrived before the correction
-- of their tender: after a restore, another till may be first. True if there were any.
create or replace function warm.retry_refunds(p_store uuid, p_session text, p_kinds text default '^(refund|tender|tip)_') returns boolean
language plpgsql as $$
declare
    q warm.quarantine;
    any_left boolean := false;
begin
    for q in
        select x.* from warm.quarantine as x cross join lateral (select warm.read_body(x.body) as body offset 0) as b
        where x.store_id = p_store and x.resolved_at is null and x.event_type ~ p_kinds and x.sqlstate in ('TL001', 'TL026')
            and warm.session_of(case
                when x.event_type in ('tender_corrected', 'tip_corrected') then b.body->>'stream_id' else b.body->'data'->>'session_id' end) = p_session
        order by x.id limit warm.most_listed()
    loop
        any_left := true;
        perform warm.retry_record(q);
    end loop;
    return any_left;
end $$;

-- Retries the refunds and corrections of the last minute that came without their sale: its push may have been under way
-- at that moment. True if one counts now.
create or replace function warm.retry_fresh_refunds(p_store uuid) returns boolean
language plpgsql as $$
declare
    q warm.quarantine;
    any_applied boolean := false;
begin
    for q in
        select x.* from warm.quarantine as x
        where x.store_id = p_store and x.resolved_at is null and x.event_type ~ '^(refund|tender|tip)_' and x.sqlstate = 'TL001'
            and x.received_at > now() - interval '1 minute'
        order by x.id limit warm.most_listed()
    loop
        any_applied := warm.retry_record(q) or any_applied;
    end loop;
    return any_applied;
end $$;

-- Retries sales that listed lines of another order, or are contested, in each order to which a line of a returned act ever
-- moved: after a restore, the till that returns the act may be the last one.
create or replace function warm.retry_sales(p_store uuid, p_lines uuid[]) returns void
language plpgsql as $$
declare
    q warm.quarantine;
begin
    for q in
        select x.* from warm.quarantine as x
        where x.session_id in (select m.session_id from warm.content_moves as m where m.content_id = any (p_lines))
            and x.store_id = p_store and x.resolved_at is null and x.event_type = 'order_placed' and x.sqlstate in ('TL001', 'TL022')
        order by x.id
    loop
        if q.sqlstate = 'TL022' and not exists (
            select from warm.log_of(q.session_id) as x cross join lateral jsonb_array_elements_text(x.event_data->'contents') as c (id)
            where x.event_type = 'sale_contested' and not warm.ever_had(q.session_id, c.id::uuid))
        then
            perform warm.server_event_v1(p_store, null, 'sale_booked', q.session_id, jsonb_build_object(
                'event', q.event_id, 'quarantine', q.id));
        end if;
        perform warm.retry_record(q);
    end loop;
end $$;

-- Moves a record to the log and settles it. True if it worked.
create or replace function warm.retry_record(q warm.quarantine) returns boolean
language plpgsql as $$
begin
    begin
        perform warm.waiting_record(q.store_id, q.id);
    exception when sqlstate 'TL004' or sqlstate 'TL005' then
        return false;  -- a manager has settled it since
    end;
    if warm.apply_again(q) is not null then
        return false;
    end if;
    perform warm.settle_record(null, q, 'The database knows it now.');
    return true;
end $$;

-- Records in the server's chain who settled a record, and how.
create or replace function warm.record_settled(p_actor integer, q warm.quarantine, p_how text) returns void
language plpgsql as $$
begin
    perform warm.server_event_v1(
        q.store_id, p_actor, 'quarantine_resolved', null,
        jsonb_build_object(
            'quarantine', q.id, 'event', q.event_id, 'session', case when q.session_id is not null then warm.stream_of(q.session_id) end),
        jsonb_build_object('how', p_how));
end $$;

-- Retries a record, because its cause may be gone: a snapshot may have been replaced, while a wrong total stays wrong.
-- Returns the record with `applied`, and with `reason` if it still waits.
-- for: admin
create or replace function till.quarantine_retry_v1(p_store uuid, p_actor integer, p_id bigint) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    q warm.quarantine := warm.waiting_record(p_store, p_id);
    refused constant text := warm.apply_again(q);
begin
    if refused is null then
        perform warm.settle_record(p_actor, q, 'applied again');
        perform warm.record_settled(p_actor, q, 'applied again');
    end if;
    select * into q from warm.quarantine where id = p_id;
    return (warm.quarantine_row(q)::jsonb || jsonb_build_object(
        'applied', refused is null, 'reason', coalesce(refused, q.reason)))::json;
end $$;

-- Settles a record without applying it: a person did what it required, and says how. The record remains, with its
-- amount. A refund or a correction whose sale has come since is applied all the same: settled, it would be in no report.
-- for: admin, manager
create or replace function till.quarantine_resolve_v1(p_store uuid, p_actor integer, p_id bigint, p_how text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    q warm.quarantine := warm.waiting_record(p_store, p_id);
begin
    if coalesce(btrim(p_how), '') = '' then
        raise exception 'Describe how it was settled.' using errcode = 'TL006';
    end if;
    if q.event_type ~ '^(refund|tender|tip)_' and q.sqlstate = 'TL001' then
        perform warm.apply_again(q);
    end if;
    perform warm.settle_record(p_actor, q, p_how);
    perform warm.record_settled(p_actor, q, p_how);
    select * into q from warm.quarantine where id = p_id;
    return warm.quarantine_row(q);
end $$;

-- Books a waiting sale, whatever it lists and whichever till held its order, because a manager confirms that the guest
-- paid. It is placed like any sale, so its sums must agree. The server's event names the record and the manager. A
-- correction of another till's payment counts from now on. A Z that cannot be checked is booked from what reads, for the accountant.
-- for: admin, manager
create or replace function till.quarantine_book_v1(p_store uuid, p_actor integer, p_id bigint) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    q warm.quarantine := warm.waiting_record(p_store, p_id);
    refused text;
begin
    if q.sqlstate = 'TL026' then
        refused := warm.apply_again(q, p_books => true);
        if refused is not null then
            raise exception 'The correction cannot be booked. % `till admin quarantine resolve` settles it.', refused using errcode = 'TL005';
        end if;
        perform warm.settle_record(p_actor, q, 'booked');
        perform warm.record_settled(p_actor, q, 'booked');
        return (select warm.quarantine_row(x) from warm.quarantine as x where x.id = p_id);
    elsif warm.unbooked_shift(q) is not null then
        perform warm.settle_record(p_actor, q, 'booked');
        perform warm.record_settled(p_actor, q, 'booked');
        perform cold.book_shift(warm.unbooked_shift(q));
        return (select warm.quarantine_row(x) from warm.quarantine as x where x.id = p_id);
    elsif (q.event_type = 'order_placed' and q.event_id is not null and q.session_id is not null) is not true then
        raise exception 'The record is not a sale. `till admin quarantine resolve` settles it.' using errcode = 'TL005';
    elsif not warm.is_bookable(q) then
        raise exception 'The sale is already booked. `till admin quarantine resolve` settles the record.' using errcode = 'TL005';
    elsif exists (
        select from till.refund_claims as r where r.refund_id = any (warm.payments_of(warm.incoming_event_of(q))))
    then
        raise exception 'The sale cannot be booked. The payment has the id of a refund. `till admin quarantine resolve` settles it.' using errcode = 'TL005';
    end if;
    perform warm.server_event_v1(p_store, p_actor, 'sale_booked', q.session_id, jsonb_build_object(
        'event', q.event_id, 'quarantine', q.id));
    refused := warm.apply_again(q);
    if refused is null and not warm.is_placed(q) then
        refused := (
            select x.reason from warm.quarantine as x where x.event_id = q.event_id and x.resolved_at is null
            order by x.id desc limit 1);
    end if;
    if refused is not null then
        raise exception 'The sale cannot be booked. % `till admin quarantine resolve` settles it.', refused using errcode = 'TL005';
    end if;
    perform warm.settle_record(p_actor, q, 'booked');
    select * into q from warm.quarantine where id = p_id;
    return warm.quarantine_row(q);
end $$;
