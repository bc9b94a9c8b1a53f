-- The plans of a push, for a new connection of a pooler.

-- Runs the statements of pushes of an order, from its opening to its sale, in a store that it makes, and undoes all of it, so that the first
-- tills of the connection need not wait for the plans. It takes, returns, keeps and locks nothing of a real store. Only in the first
-- seconds of a connection, so that nobody can have the server do it again and again. A failure is logged: the connection opens anyway.
-- for: app
create or replace function warm.plan_pushes_v1() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    secret constant text := gen_random_uuid()::text;
    store constant uuid := gen_random_uuid();
    journal constant uuid := warm.next_id(null, null);
    session constant uuid := warm.next_id(null, journal);
    line constant uuid := warm.next_id(null, session);
    other_line constant uuid := warm.next_id(null, line);
    payment constant uuid := warm.next_id(null, other_line);
    shift constant uuid := warm.next_id(null, payment);
    sale constant uuid := warm.next_id(null, shift);
    day constant text := current_date::text;
    last_id uuid := sale;
    hold uuid;
    hash text := repeat('0', 64);
    seq integer := 0;
    events jsonb;
    body text;
    known jsonb := '[]';
    snapshots jsonb := '[]';
    answer jsonb;
    of_push jsonb;
    e jsonb;
begin
    if (select a.backend_start < now() - interval '10 seconds' from pg_stat_activity as a where a.pid = pg_backend_pid()) is not false then
        return;
    end if;
    begin
        perform till.store_create_v1(store, '{"name": "-", "currency": "EUR", "timezone": "UTC"}');
        insert into till.tills (store_id, id, name, secret_hash) values (store, 1, '-', warm.digest(secret));
        insert into till.users (store_id, id, name, role) values (store, 1, '-', 'cashier');
        for of_push in select jsonb_array_elements(jsonb_build_array(
            jsonb_build_array(jsonb_build_object('type', 'journal_opened', 'data', '{"host": "-"}'::jsonb)),
            jsonb_build_array(
                jsonb_build_object('type', 'order_opened', 'data', jsonb_build_object(
                    'currency', 'EUR', 'order_type', 'take_away', 'prices_include_tax', true, 'tax_rounding', 'line', 'user', 1)),
                jsonb_build_object('type', 'item_added', 'data', jsonb_build_object(
                    'item_id', line, 'item_name', '-', 'line_id', line, 'price', '1.00', 'quantity', 1, 'taxes', '[]'::jsonb))),
            jsonb_build_array(jsonb_build_object('type', 'item_added', 'data', jsonb_build_object(
                'item_id', line, 'item_name', '-', 'line_id', other_line, 'price', '0.00', 'quantity', 1, 'taxes', '[]'::jsonb))),
            jsonb_build_array(
                jsonb_build_object('type', 'payment_started', 'data', jsonb_build_object(
                    'amount', '1.00', 'key', payment, 'payment_id', payment, 'tender', 'CASH')),
                jsonb_build_object('type', 'shift_opened', 'data', jsonb_build_object(
                    'business_date', day, 'currency', 'EUR', 'kept', '["CASH"]'::jsonb, 'secret', store)),
                jsonb_build_object('type', 'payment_approved', 'data', jsonb_build_object(
                    'amount', '1.00', 'change', '0.00', 'drawer', 1, 'payment_id', payment, 'tender', 'CASH', 'tendered', '1.00')),
                jsonb_build_object('type', 'order_placed', 'data', jsonb_build_object(
                    'business_date', day, 'currency', 'EUR', 'lines', (
                        select jsonb_agg(jsonb_build_object(
                            'category', '-', 'discount', '0.00', 'item_id', line, 'item_name', '-', 'line_ids', jsonb_build_array(x.id),
                            'line_quantities', '[1]'::jsonb, 'net', x.price, 'quantity', 1, 'subtotal', x.price, 'tax', '0.00',
                            'unit_price', x.price))
                        from (values (line, '1.00'), (other_line, '0.00')) as x (id, price)),
                    'net', '1.00', 'order_id', sale, 'order_type', 'take_away', 'payment_method', 'cash',
                    'payments', jsonb_build_array(jsonb_build_object(
                        'amount', '1.00', 'change', '0.00', 'payment_id', payment, 'tender', 'CASH')),
                    'receipt', '1-000001', 'rounding', '0.00', 'tax', '0.00', 'total', '1.00')))))
        loop
            events := '[]';
            for e in select jsonb_array_elements(of_push) loop
                last_id := warm.next_id(last_id, null);
                seq := seq + 1;
                hold := case e->>'type' when 'order_opened' then last_id else hold end;
                body := warm.canonical(jsonb_build_object(
                    'at', warm.time_text(clock_timestamp()), 'data', e->'data', 'harmless', false,
                    'hold_id', case when e->>'type' not in ('journal_opened', 'shift_opened') then hold end, 'id', last_id,
                    'journal_id', journal, 'login_session', null, 'prev_hash', hash, 'seq', seq,
                    'shift', case when e->>'type' in ('shift_opened', 'payment_approved', 'order_placed') then shift end,
                    'store_id', store, 'stream_id', case e->>'type' when 'journal_opened' then journal when 'shift_opened' then shift else session end,
                    'stream_kind', case e->>'type' when 'journal_opened' then 'till' when 'shift_opened' then 'shift' else 'order' end,
                    'till', 1, 'type', e->>'type', 'user', null, 'v', 1));
                hash := warm.digest(body);
                events := events || jsonb_build_object('b', body, 'h', hash, 't', '{}'::jsonb);
            end loop;
            if hold is not null then
                snapshots := jsonb_build_array(jsonb_build_object(
                    'session', session, 'user', 1, 'status', case seq when 8 then 'completed' else 'active' end, 'hold_id', hold,
                    'base_version', coalesce((known->0->>'version')::integer, 0), 'currency', 'EUR', 'total', '1.00',
                    'order_type', 'take_away', 'tab_id', null, 'created_at', now(), 'updated_at', now(), 'logout_time', null,
                    'items', '[]'::jsonb, 'cart', jsonb_build_array(jsonb_build_object(
                        'item_id', line, 'item_name', '-', 'quantity', 1, 'amount', '1.00', 'added_at', now())),
                    'state', '{"current_step": "ordering"}'::jsonb, 'preferences', '{}'::jsonb, 'checkout', case seq when 8 then
                        jsonb_build_object('order_type', 'take_away', 'payment_method', 'cash', 'started_at', now()) end,
                    'intent', case seq when 8 then jsonb_build_object(
                        'gateway', 'CASH', 'external_id', payment, 'amount', '1.00', 'status', 'completed') end));
                known := case when known = '[]' then jsonb_build_array(jsonb_build_object(
                    'session', session, 'version', 0, 'event', null)) else known end;
            end if;
            answer := warm.sync_push_v1(jsonb_build_object(
                'protocol', 1, 'store', store, 'till', 1, 'secret', secret, 'journal', journal, 'events', events,
                'snapshots', snapshots, 'seq', seq, 'known', known, 'reference', '{"menu": 0, "staff": 0, "settings": 0}'::jsonb,
                'tells', true, 'sends', null)::text);
            if answer->>'ok' is distinct from 'true' or answer->'quarantined' <> '[]' or answer->>'records' <> '0' then
                raise exception 'The push was not taken: %', answer;
            end if;
            known := coalesce((
                select jsonb_agg(jsonb_build_object('session', session, 'version', s->'version', 'event', s->'event'))
                from jsonb_array_elements(answer->'sessions') as s), known);
        end loop;
        raise exception using errcode = 'TL000';
    exception when sqlstate 'TL000' then
        null;
    when query_canceled or others then
        raise log 'The plans of pushes were not made: %', sqlerrm;
    end;
end $$;
