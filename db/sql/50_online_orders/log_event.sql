-- INSERT INTO session_events, for programs: a call of a function, because an event has its place in a chain.

-- Writes an event of a program's session to the server's chain, and returns its id: `menu_viewed`, `preference_set`,
-- `checkout_started`, with data of up to 64 KB. If a row wrote the same event within ten seconds, its id is returned
-- instead; a later row does not log it again either. Only the rows of the cart change the items of an order, so that
-- the two never differ: of `item_added`, which is checked, it returns the event that the row wrote in the last ten
-- seconds, of pieces taken off a line the newest event, or null with a notice.
-- for: program
create or replace function warm.log_event(session_id text, event_type text, event_data jsonb) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_session constant text := log_event.session_id;
    v_type constant text := log_event.event_type;
    v_data constant jsonb := log_event.event_data;
    p constant till.programs := till.program_here();
    s till.order_sessions;
    known cold.menu_item;
    pieces text;
    untaken text;
    logged uuid;
begin
    if p.name is null then
        raise exception 'log_event is for programs that are not tills: `till admin programs add`.' using errcode = 'TL003';
    elsif octet_length(v_data::text) > 65536 or jsonb_typeof(v_data) is distinct from 'object' then
        raise exception 'The data of an event is one JSON object, of 64 KB at most.' using errcode = 'TL006';
    end if;
    perform till.claim_session(p, v_session);
    s := till.own_open(v_session);
    perform hot.fill_in(s);
    perform hot.touch(s, 'browsing');
    case v_type
        when 'item_added' then
            -- one program names an item by its id, another by its name
            known := till.item_sold(p.store_id, v_data->>'item_id', coalesce(v_data->>'item_name', v_data->>'item'), s.order_type);
            pieces := coalesce(v_data->>'quantity', v_data->>'qty');
            if (pieces ~ '^[1-9][0-9]{0,3}$') is not true then
                raise exception 'item_added takes an item of the menu and a quantity.' using errcode = 'TL006';
            end if;
            untaken := (select min(k) from jsonb_object_keys(
                v_data - '{item_id,item_name,item,quantity,qty,price,unit_price}'::text[]) as k);
            if untaken is not null then
                raise exception 'item_added cannot set “%” of %.', left(untaken, 250), known.name using errcode = 'TL006';
            end if;
            logged := hot.take_logged(v_session, v_type, true, known.menu_item_id, pieces::integer);
            if logged is null then
                raise notice 'No event: a row of session_cart writes item_added.';
            end if;
        when 'menu_viewed' then
            logged := hot.take_logged(v_session, v_type, true, null, null);
            if logged is null then
                logged := warm.server_event_v1(p.store_id, null, v_type, v_session, jsonb_build_object(
                    'query', coalesce(v_data->>'query', ''),
                    'result_count', coalesce(v_data->'result_count', '0'),
                    'meal_period', coalesce(v_data->>'meal_period', ''),
                    'items', hot.menu_items(v_data->'items')));
                perform hot.note_logged(v_session, logged, v_type, false);
            end if;
        when 'checkout_started' then
            perform hot.touch(s, 'checkout');
            perform warm.ask_payment(s);
            logged := hot.take_logged(v_session, v_type, true, null, null);
            if logged is null then
                logged := warm.server_event_v1(p.store_id, null, v_type, v_session, '{}');
                perform hot.note_logged(v_session, logged, v_type, false);
            end if;
        when 'preference_set' then
            if (length(v_data->>'name') between 1 and 250
                and length(v_data->>'value') <= 250) is not true then
                raise exception 'preference_set takes name and value, of 250 characters at most.' using errcode = 'TL006';
            elsif s.hot->'preferences'->>(v_data->>'name') is distinct from v_data->>'value' then
                logged := till.log_preference(
                    p.store_id, v_session, v_data->>'name', v_data->>'value');
                update till.order_sessions as t
                set hot = jsonb_set(coalesce(t.hot, '{}'), '{preferences}', coalesce(t.hot->'preferences', '{}')
                    || jsonb_build_object(v_data->>'name', v_data->>'value'))
                where t.id = v_session;
            else
                logged := till.newest_event(v_session, v_type);
            end if;
        when 'quantity_changed', 'line_voided' then
            logged := till.newest_event(v_session, v_type);
        else
            raise exception 'log_event does not take %.', left(v_type, 250)
                using errcode = 'TL006', hint = 'The types are menu_viewed, item_added, quantity_changed, line_voided, '
                    'preference_set and checkout_started; create_order_from_session places an order.';
    end case;
    update till.order_sessions as t set hot = jsonb_set(t.hot, '{state,last_activity_at}', to_jsonb(now()))
    where t.id = v_session and t.hot ? 'state';
    return logged;
end $$;

-- The newest event of a type on a session; null if there is none.
create or replace function till.newest_event(p_session text, p_type text) returns uuid
language plpgsql stable as $$
begin
    return (
        select e.event_id from warm.session_events as e
        where e.session_id = p_session and e.event_type = p_type order by e.version desc limit 1);
end $$;

-- Takes the values of an INSERT INTO session_events from a program, and keeps the row out: log_event writes
-- the event in its place in the chain. Refuses everybody else.
create or replace function warm.take_inserted_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if (till.program_here()).name is null then
        raise exception 'An event has its place in a chain: no INSERT writes one.'
            using errcode = '42501', hint = 'A program (`till admin programs add`) may insert, or call log_event.';
    end if;
    perform warm.log_event(new.session_id, new.event_type, new.event_data);
    return null;
end $$;

select till.always_fire('warm.session_events', 'refers_to_log_event', 'before insert',
    'for each row when (new.journal_id is null) execute function warm.take_inserted_event()');
