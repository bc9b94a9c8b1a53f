-- Notices: decisions of the server that a person at a till should know. A notice blocks nothing, and remains until
-- somebody has seen it.

-- Notifies a till and a user, once for each till, kind and subject. Does nothing if the list for this pair of tills is
-- full. `p_data` has the facts; the order is added in its current state. `p_by` is the till whose record is the cause.
create or replace function till.notify(
    p_store uuid, p_till integer, p_user integer, p_kind text, p_session text, p_subject uuid, p_data jsonb, p_by integer
) returns void
language plpgsql as $$
begin
    if p_till is null or p_till < 1 or (
        select count(*) from till.notices as n
        where n.store_id = p_store and n.till_id = p_till and n.by_till = p_by and n.seen_at is null) >= warm.most_listed()
    then
        return;
    end if;
    insert into till.notices (id, store_id, till_id, user_id, kind, session_id, by_till, data)
    values (
        md5(format('%s %s %s %s', p_store, p_till, p_kind, p_subject))::uuid, p_store, p_till, nullif(p_user, 0), p_kind, p_session,
        p_by, jsonb_strip_nulls(coalesce(p_data, '{}') || jsonb_build_object('order', till.describe_order(p_session))))
    on conflict (id) do nothing;
    if found then
        perform till.tell_tills(p_store, 'notices');
    end if;
end $$;

-- The order in a notice: its holder and till, its name and total, its receipt and what was refunded of it if it was paid, and the
-- money on an open one.
create or replace function till.describe_order(p_session text) returns jsonb
language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object(
            'session', warm.stream_of(s.id), 'till', s.hold_till, 'user', s.user_id, 'status', s.status, 'currency', s.currency,
            'total', coalesce(o.total_amount, s.total)::text, 'receipt', o.receipt,
            'refunded', (select (-sum(r.amount))::text from cold.refunds as r where r.order_id = o.order_id),
            'paid', case when s.status not in ('completed', 'discarded') then nullif(warm.paid_in(s.id), 0)::text end, 'lines', (
                select count(*) from jsonb_array_elements(s.items) as i where i->>'voided' is distinct from 'true'),
            'tab', (select b.name from till.tabs as b where b.id = s.tab_id)))
        from till.order_sessions as s
        left join lateral (
            select c.order_id, c.total_amount, c.receipt from cold.orders as c where c.session_id = s.id order by c.created_at limit 1) as o on true
        where s.id = warm.session_of(p_session));
end $$;

-- A notice as it is sent and listed. Its orders are shown in their current state or, once archived, as they were when
-- the notice was written.
create or replace function till.notice_row(n till.notices) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'id', n.id, 'till', n.till_id, 'user', coalesce(n.user_id, 0), 'kind', n.kind, 'session', warm.stream_of(n.session_id), 'at', warm.time_text(n.at),
        'data', n.data || jsonb_strip_nulls(jsonb_build_object(
            'order', till.describe_order(n.session_id), 'own', till.describe_order(n.data->'own'->>'session'))));
end $$;

-- A page of the oldest notices that a till has not seen, and the number of all; null if the till has this page. A hash of
-- the content identifies the page.
create or replace function till.notices_for(p_store uuid, p_till integer, p_has text) returns json
language plpgsql stable as $$
declare
    page jsonb;
    version integer;
begin
    select jsonb_build_object('waiting', count(*), 'notices', coalesce(
        jsonb_agg(till.notice_row(x.n) order by (x.n).place) filter (where x.nth <= warm.most_listed()), '[]'))
    into page
    from (
        select n, row_number() over (order by n.place) as nth from till.notices as n
        where n.store_id = p_store and n.till_id = p_till and n.seen_at is null
    ) as x;
    version := 1 + (hashtext(page::text) & 1073741823);
    return case when p_has is distinct from version::text then json_build_object('version', version, 'body', page) end;
end $$;

-- Marks a notice as seen; a till may mark only its own.
create or replace function warm.on_notice_seen(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    update till.notices as n set seen_at = now(), seen_by = e.user_id
    where n.id = (e.data->>'notice')::uuid and n.store_id = p_auth.store_id and p_auth.till_id in (n.till_id, 0) and n.seen_at is null;
    return false;
end $$;

-- Notifies two tills that an order was rung again although its original has arrived: each gets a notice of the other's
-- order. If the till that rang it again also holds the original now, by a request whose answer was lost, the other till
-- is the one from which the grant took it.
create or replace function till.tell_rung_again(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
declare
    s till.order_sessions;
begin
    select * into s from till.order_sessions as o
    where o.id = warm.session_of(e.data->'again'->>'session') and o.store_id = p_auth.store_id and o.status <> 'discarded';
    if s.hold_till = p_auth.till_id then
        select (g.event_data->>'from_till')::integer, null into s.hold_till, s.user_id
        from warm.session_events as g where g.session_id = s.id and g.event_type = 'order_granted'
        order by g.version desc nulls last limit 1;
    end if;
    if s.id is not null then
        perform till.notify(p_auth.store_id, p_auth.till_id, e.user_id, 'rung_again', s.id, e.event_id,
            jsonb_build_object('own', till.describe_order(e.session_id), 'which', e.session_id, 'copied_at', e.data->'again'->'at'), p_auth.till_id);
        perform till.notify(p_auth.store_id, s.hold_till, s.user_id, 'rung_again', e.session_id, e.event_id,
            jsonb_build_object('own', till.describe_order(s.id), 'which', e.session_id, 'copied_at', e.data->'again'->'at'), p_auth.till_id);
    end if;
end $$;

-- Applies an opening: only an order that was rung again concerns anybody else.
create or replace function warm.on_order_opened(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    if e.data ? 'again' then
        perform till.tell_rung_again(p_auth, e);
    end if;
    return false;
end $$;

-- Separates an order that was saved under the name of another till's open tab. The order counts, the server gives it
-- its own tab, such as `table 5-2` (with the end of its id once 999 are taken), and each till gets a notice of the other's
-- order. An order that a program puts on a tab of its guests stays there. A name that was erased is erased again.
create or replace function warm.on_tab_assigned(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    s till.order_sessions;
    pair uuid;
    new_name text;
begin
    select o.* into s
    from till.order_sessions as own
    join till.tabs as b on b.id = own.tab_id
    join till.tabs as t on t.store_id = b.store_id and t.status = 'open' and (t.id = b.id or lower(t.name) = lower(b.name) and b.name <> '')
    join till.order_sessions as o on o.tab_id = t.id and o.id <> own.id and o.hold_till not in (own.hold_till, 0)
    where own.id = e.session_id and own.status = 'assigned_to_tab' and (own.hold_till > 0 or t.id <> b.id)
        and o.status in ('active', 'pending_logout', 'assigned_to_tab')
    order by o.id limit 1;
    if s.id is not null then
        select x.name into new_name from (
            select b.name || '-' || n as name from till.order_sessions as o join till.tabs as b on b.id = o.tab_id, generate_series(2, 999) as n
            where o.id = e.session_id) as x
        where not exists (
            select from till.tabs as t where t.store_id = p_auth.store_id and t.status = 'open' and lower(t.name) = lower(x.name))
        limit 1;
        perform warm.server_event_v1(
            p_auth.store_id, e.user_id, 'tab_assigned', e.session_id,
            e.data - 'digests' || jsonb_build_object('tab_id', warm.next_id(null, null)), jsonb_build_object('name', coalesce(new_name, (
                select b.name || '-' || right(o.id, 6) from till.order_sessions as o join till.tabs as b on b.id = o.tab_id
                where o.id = e.session_id))));
        pair := md5(least(s.id, e.session_id) || greatest(s.id, e.session_id))::uuid;
        perform till.notify(p_auth.store_id, p_auth.till_id, e.user_id, 'tab_twice', s.id, pair,
            jsonb_build_object('own', till.describe_order(e.session_id), 'which', warm.stream_of(e.session_id), 'by', s.hold_till),
            p_auth.till_id);
        perform till.notify(p_auth.store_id, s.hold_till, s.user_id, 'tab_twice', e.session_id, pair,
            jsonb_build_object('own', till.describe_order(s.id), 'which', warm.stream_of(e.session_id), 'by', p_auth.till_id),
            p_auth.till_id);
    end if;
    if e.data ? 'digests' then
        perform till.forget_name(p_auth, e);
    end if;
    return false;
end $$;

-- Settles notices, and has their tills take them off: about two orders once one of them is discarded, and about money
-- once its conflict (`p_conflict`) is settled.
create or replace function till.answer_notices(p_store uuid, p_session text, p_conflict text default null) returns void
language plpgsql as $$
begin
    update till.notices as n set seen_at = now()
    where n.store_id = p_store and n.seen_at is null and case
        when p_conflict is not null then n.kind = 'paid_apart' and n.data->>'conflict' = p_conflict
        else n.kind in ('rung_again', 'tab_twice')
            and warm.stream_of(p_session) in (warm.stream_of(n.session_id), (n.data->'own'->>'session')::uuid) end;
    if found then
        perform till.tell_tills(p_store, 'notices');
    end if;
end $$;

-- Notifies the till of an open order of money that was taken for the cleared order that was added to it: the open order
-- does not count it.
create or replace function till.tell_paid_apart(p_auth warm.auth_context, p_session text, p_added text) returns void
language plpgsql as $$
begin
    perform till.notify(o.store_id, o.hold_till, o.user_id, 'paid_apart', p_session, c.id, jsonb_build_object(
        'own', till.describe_order(o.id), 'which', warm.stream_of(p_session), 'amount', c.amount::text, 'by', c.till_id,
        'conflict', c.id), p_auth.till_id)
    from till.order_sessions as o
    join till.conflicts as c on c.session_id = p_session and c.kind = 'money_without_order' and c.resolved_at is null
    where o.id = p_added and o.status in ('active', 'pending_logout', 'assigned_to_tab');
end $$;
