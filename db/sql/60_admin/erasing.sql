-- Erasing a person: the free text beside the events of an order is deleted everywhere, and no chain breaks.

-- The quarantined records of refunds and corrections of an order. They are not in the order; they name it.
create or replace function till.money_records_of(p_session text) returns setof warm.quarantine
language plpgsql stable as $$
begin
    return query
    select q.* from warm.every_session as s join warm.quarantine as q on q.store_id = s.store_id
    where s.id = p_session and q.session_id is null and q.event_type ~ '^(refund|tender)_'
        and warm.stream_of(p_session)::text in (warm.read_body(q.body)->'data'->>'session_id', warm.read_body(q.body)->>'stream_id');
end $$;

-- The events that settled quarantined records of an order with a text. The whole log is read only if there is one.
create or replace function till.settlings_of(p_session text) returns setof uuid
language plpgsql stable as $$
declare
    q warm.quarantine;
begin
    for q in
        select x.* from warm.quarantine as x join warm.every_session as o on o.id = x.session_id and o.store_id = x.store_id
        where x.session_id = p_session and x.how <> ''
        union all
        select x.* from till.money_records_of(p_session) as x where x.how <> ''
    loop
        return query
        select e.event_id from warm.log as e
        where e.store_id = q.store_id and e.received_at = q.resolved_at and e.event_type = 'quarantine_resolved'
            and e.event_data->>'quarantine' = q.id::text and e.event_data ? 'digests'
            and not exists (select from warm.erased as x where x.event_id = e.event_id);
    end loop;
end $$;

-- The events with free text about the refunds of an order: those in the log, and quarantined ones that name the order.
create or replace function till.refund_texts_of(p_session text) returns setof uuid
language plpgsql stable as $$
declare
    c record;
begin
    for c in
        select x.refund_id, x.event_id from cold.orders as o join till.refund_claims as x on x.order_id = o.order_id
        where o.session_id = p_session
    loop
        return query
        select x.event_id from warm.session_events as x
        where x.stream_kind = 'refund' and x.stream_id = c.refund_id and exists (select from warm.texts_of(x.event_id));
        -- the audit is read only for events that left the log, because the maintenance may have it locked
        if not exists (select from warm.session_events as x where x.event_id = c.event_id) then
            return query
            select x.event_id from cold.order_audit as x
            where x.stream_kind = 'refund' and x.stream_id = c.refund_id and exists (select from warm.texts_of(x.event_id));
        end if;
    end loop;
    return query
    select q.event_id from till.money_records_of(p_session) as q
    where q.event_id is not null and (q.texts <> '{}' or exists (select from warm.texts_of(q.event_id)));
end $$;

-- True if the text of an invoice of that time stays, for the years of the law.
create or replace function till.keeps_invoice(p_store uuid, p_at timestamptz) returns boolean
language sql stable as $$
    select p_at > now() - make_interval(years => coalesce((till.venue(p_store)->>'invoice_years')::integer, 10))
$$;

-- The event that names the buyer of a sale, whose text stays for the years of the law; null for none.
create or replace function till.kept_buyer(p_session text) returns uuid
language plpgsql stable as $$
begin
    return (
        select b.event_id from warm.log_of(p_session) as b
        where b.event_type = 'buyer_named' and b.event_data ? 'digests' and b.event_id < (
            select o.event_id from warm.log_of(p_session) as o
            where o.event_type = 'order_placed' and till.keeps_invoice(o.store_id, o."timestamp"::timestamptz)
            order by o.event_id limit 1)
        order by b.event_id desc limit 1);
end $$;

-- The number of sales of a customer, or of one order, whose buyer stays on its invoice.
-- for: admin
create or replace function till.invoices_kept_v1(p_store uuid, p_customer uuid, p_session text) returns integer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select count(*) from (
            select x as id from cold.sessions_of_customer(p_store, p_customer) as x where p_customer is not null
            union select o.id from warm.every_session as o where o.id = p_session and o.store_id = p_store
        ) as s where till.kept_buyer(s.id) is not null or exists (
            select from warm.log_of(s.id) as i where i.event_type = 'invoice_issued' and till.keeps_invoice(p_store, i."timestamp"::timestamptz)));
end $$;

-- The orders that have lines of an order now or had them, or are rung again from it, with itself.
create or replace function till.carriers_of(p_session text) returns setof text
language sql stable as $$
    with recursive carriers (id) as (
        select p_session
        union
        select x.id
        from carriers as c cross join lateral (
            select warm.session_of(e.event_data->>'to_session') as id from warm.log_of(c.id) as e
            where e.event_type in ('lines_moved', 'lines_withdrawn') and e.event_data ? 'to_session'
            union
            select k from warm.copies_of(c.id) as k
        ) as x
    )
    select c.id from carriers as c
$$;

-- The words that guests of an order share with those of another one: in each order that has lines of it, and in itself if it
-- has lines of another, all that was said there since. Nobody can tell any more whose they are.
create or replace function till.shared_words_of(p_session text) returns table (session_id text, event_id uuid)
language sql stable as $$
    select c.id, e.event_id
    from till.carriers_of(p_session) as c (id) cross join lateral warm.log_of(c.id) as e
    where e.event_type in ('preference_set', 'order_noted', 'kitchen_told') and e.event_data ? 'digests'
        and e.version >= warm.shared_since(c.id)
        and not exists (select from warm.erased as x where x.event_id = e.event_id)
$$;

-- Refuses to erase words that guests of an open order share: the allergy of another one would go with them.
create or replace function till.check_words_free(p_session text) returns void
language plpgsql stable as $$
begin
    if exists (
        select from till.shared_words_of(p_session) as w join till.order_sessions as o on o.id = w.session_id
        where o.status in ('active', 'pending_logout', 'assigned_to_tab'))
    then
        raise exception 'An open order has lines and words of these guests and of others: erase them once it is paid or cleared.'
            using errcode = 'TL005';
    end if;
end $$;

-- The events with free text of an order: its own, except the buyer of a sale; the copies of preferences, notes and the tab name in the orders that
-- have its lines, and the words that its guests share there; its quarantined events; and the events that settled them.
create or replace function till.texts_of(p_session text) returns table (session_id text, event_id uuid)
language sql stable as $$
    with recursive carriers (id) as (
        select * from till.carriers_of(p_session)
    ), with_texts as (
        select c.id, e.event_id, e.event_type, (e.event_data->>'follows')::uuid as follows,
            (e.event_data->>'includes')::uuid as includes, e.event_data->>'tab_id' as tab, (
            select x.text from warm.texts_of(e.event_id) as x where e.event_type = 'tab_assigned' and x.field = 'name') as name
        from carriers as c, warm.log_of(c.id) as e
        where e.event_data ? 'digests' and (e.event_type <> 'buyer_named' or e.event_id is distinct from till.kept_buyer(c.id))
            and (e.event_type <> 'invoice_issued' or not till.keeps_invoice(e.store_id, e."timestamp"::timestamptz))
    ), copies (event_id) as (
        select s.event_id from with_texts as s where s.id = p_session
        union
        select w.event_id from till.shared_words_of(p_session) as w
        union
        select s.event_id from copies as o join with_texts as s on o.event_id in (s.follows, s.includes)
    )
    select s.id, s.event_id from with_texts as s
    where (s.event_id in (select o.event_id from copies as o) or s.event_type = 'kitchen_told'
            or exists (
                select from with_texts as o, warm.log_of(s.id) as c, jsonb_object_keys(c.event_data->'digests') as d
                where c.event_id = s.event_id and c.event_type = 'lines_copied' and o.id = p_session
                    and d like o.event_id || '.%')
            or (s.tab, s.name) in (select o.tab, o.name from with_texts as o where o.id = p_session))
        and s.event_id not in (select x.event_id from warm.erased as x)
    union
    select q.session_id, q.event_id from warm.quarantine as q join warm.every_session as o on o.id = q.session_id
    where q.session_id = p_session and q.store_id = o.store_id and q.event_id is not null and q.texts <> '{}'
        and warm.body_of(q.store_id, q.event_id) is null
    union
    select p_session, x from till.settlings_of(p_session) as x
    union
    select p_session, x from till.refund_texts_of(p_session) as x
$$;

-- Deletes the texts of some events of a locked order, and their copies on its lines.
create or replace function till.forget_events(p_store uuid, p_actor integer, p_session text, p_ids uuid[]) returns void
language plpgsql as $$
begin
    insert into warm.erased (event_id, store_id) select id, p_store from unnest(p_ids) as id on conflict do nothing;
    delete from warm.event_texts where event_id = any (p_ids);
    delete from cold.order_audit_texts where event_id = any (p_ids);
    perform cold.unroll_texts(p_store);
    update till.order_sessions
    set items = coalesce((
        select jsonb_agg(i.value - 'note' order by i.place)
        from jsonb_array_elements(items) with ordinality as i (value, place)), '[]')
    where id = p_session and jsonb_path_exists(items, '$[*].note');
    for place in 1 .. cardinality(p_ids) by 10000 loop
        perform warm.server_event_v1(
            p_store, p_actor, 'erased', p_session, jsonb_build_object('events', to_jsonb(p_ids[place:place + 9999])));
    end loop;
end $$;

-- Erases the name of a tab that a till gave to it, or to another order on it, before it learned of the erasure.
create or replace function till.forget_name(p_auth warm.auth_context, e warm.incoming_event) returns void
language plpgsql as $$
begin
    if exists (
        select from till.tabs as t
        where t.id = (e.data->>'tab_id')::uuid and t.store_id = p_auth.store_id and t.erased_at > least(e.at, now())
    ) and exists (select from till.order_sessions as s where s.id = e.session_id and s.store_id = p_auth.store_id) then
        perform till.forget_events(p_auth.store_id, null, e.session_id, array[e.event_id]);
        update till.tabs set name = '' where id = (e.data->>'tab_id')::uuid and store_id = p_auth.store_id;
    end if;
end $$;

-- Deletes the texts beside the events of an order, and the copies in orders that its lines moved to. Events of the
-- server's chain name them, so that every till deletes its copy too, and texts that arrive later are dropped. Returns
-- the number of named events.
create or replace function till.forget_texts(s till.order_sessions, p_actor integer) returns integer
language plpgsql as $$
declare
    part record;
    names text[];
    erased integer := 0;
begin
    -- the orders first, then the chain, then the texts: so it cannot deadlock with a push or the maintenance
    for part in select distinct t.session_id from till.texts_of(s.id) as t order by t.session_id loop
        perform warm.lock_session(part.session_id);
    end loop;
    if not found then
        return 0;
    end if;
    perform from warm.journal_head where store_id = s.store_id and till_id = 0 for no key update;
    names := array(
        select x.text from till.texts_of(s.id) as t cross join lateral warm.texts_of(t.event_id) as x where x.field = 'name');
    for part in
        select t.session_id, array_agg(t.event_id order by t.event_id) as ids
        from till.texts_of(s.id) as t group by t.session_id order by t.session_id
    loop
        erased := erased + cardinality(part.ids);
        perform till.forget_events(s.store_id, p_actor, part.session_id, part.ids);
    end loop;
    update cold.feedback set words = null where session_id = s.id and words is not null;
    update till.tabs as t set name = '', erased_at = now()
    where t.session_id = s.id or (t.store_id = s.store_id and t.name = any (names) and t.id in (
        -- another order is on the tab, and did not rename it
        select (e.event_data->>'tab_id')::uuid from warm.log_of(s.id) as e where e.event_type = 'tab_assigned'));
    update till.conflicts set how = '' where session_id = s.id and how is not null;
    update warm.quarantine set how = case when how is not null then '' end, texts = null where session_id = s.id;
    update warm.quarantine set how = case when how is not null then '' end, texts = null
    where id in (select q.id from till.money_records_of(s.id) as q);
    update till.order_sessions set hot = jsonb_set(hot, '{preferences}', '{}') where id = s.id and hot ? 'preferences';
    update warm.session_checkout set special_instructions = null
    where session_id = s.id and special_instructions is not null;
    delete from hot.session_preferences where session_id = s.id;
    delete from cold.customer_preferences where session_id = s.id;
    perform till.change_tabs(s.store_id);
    return erased;
end $$;

-- Erases the texts beside the events of an order for a manager. Returns the number of erased texts.
-- for: admin
create or replace function till.erase_v1(p_store uuid, p_actor integer, p_session text) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s till.order_sessions;
begin
    s := warm.lock_session(p_session);
    perform till.refuse_unreached(p_store, p_actor, p_session, s);
    if till.reach(p_store, p_actor) = 'own' then
        raise exception 'Only a manager can erase.' using errcode = 'TL003';
    end if;
    perform till.check_words_free(s.id);
    return till.forget_texts(s, p_actor);
end $$;
