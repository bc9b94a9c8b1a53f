-- The documents' INSERT INTO session_events, for a program: a function, for an event has its place in a chain.

-- Writes an event of a program's session into the server's chain, and gives its id. What a row told already of the same item,
-- pieces or menu is not told again (the id is that event's), and a row that comes after tells nothing that was told here.
-- The pieces that come off a line are told by the row alone: of those it gives the newest event, or null.
create or replace function warm.log_event(session_id text, event_type text, event_data jsonb) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_session constant text := log_event.session_id;
    v_type constant text := log_event.event_type;
    v_item constant text := log_event.event_data->>'item_id';
    p constant till.programs := till.program_here();
    s till.order_sessions;
    known record;
    pieces integer;
    price numeric;
    told uuid;
begin
    if p.name is null then
        raise exception 'log_event is for programs that are not tills: `till admin programs add`.' using errcode = 'TL003';
    elsif octet_length(log_event.event_data::text) > 65536 or jsonb_typeof(log_event.event_data) is distinct from 'object' then
        raise exception 'The data of an event is one JSON object, of 64 KB at most.' using errcode = 'TL006';
    end if;
    perform till.claim_session(p, v_session);
    s := till.own_open(v_session);
    perform hot.fill_in(s);
    perform hot.touch(s, 'browsing');
    case v_type
        when 'item_added' then
            select m.name, case when m.unit = '' then cold.price_at(p.store_id, m.menu_item_id, now()) end as price
            into known
            from cold.menu_item as m where m.store_id = p.store_id and m.menu_item_id = v_item;
            if log_event.event_data->>'quantity' ~ '^[1-9][0-9]{0,3}$' then
                pieces := (log_event.event_data->>'quantity')::integer;
            end if;
            if log_event.event_data->>'price' ~ '^[0-9]{1,9}(\.[0-9]{1,4})?$' then
                price := (log_event.event_data->>'price')::numeric;
            elsif log_event.event_data->>'price' is null then
                price := known.price;
            end if;
            if v_item is null or pieces is null or price is null then
                raise exception 'item_added takes item_id, quantity and price; the menu has a price for its own items.'
                    using errcode = 'TL006';
            end if;
            told := hot.was_told(v_session, v_type, true, v_item, pieces);
            if told is null then
                perform till.bring_item(s, v_item, coalesce(log_event.event_data->>'item_name', known.name, v_item),
                    till.pieces_on(s, v_item) + pieces, price);
                select t.last_event into told from till.order_sessions as t where t.id = v_session;
            end if;
        when 'menu_viewed' then
            told := hot.was_told(v_session, v_type, true, null, null);
            if told is null then
                told := warm.server_event_v1(p.store_id, null, v_type, v_session, jsonb_build_object(
                    'query', coalesce(log_event.event_data->>'query', ''),
                    'result_count', coalesce(log_event.event_data->'result_count', '0'),
                    'meal_period', coalesce(log_event.event_data->>'meal_period', ''),
                    'items', hot.menu_items(log_event.event_data->'items')));
                perform hot.tell(v_session, told, v_type, false);
            end if;
        when 'checkout_started' then
            told := hot.was_told(v_session, v_type, true, null, null);
            if told is null then
                told := warm.server_event_v1(p.store_id, null, v_type, v_session, '{}');
                perform hot.tell(v_session, told, v_type, false);
            end if;
        when 'preference_set' then
            if (length(log_event.event_data->>'name') between 1 and 250
                and length(log_event.event_data->>'value') <= 250) is not true then
                raise exception 'preference_set takes name and value, of 250 characters at most.' using errcode = 'TL006';
            elsif s.hot->'preferences'->>(log_event.event_data->>'name') is distinct from log_event.event_data->>'value' then
                told := till.tell_preference(
                    p.store_id, v_session, log_event.event_data->>'name', log_event.event_data->>'value');
                update till.order_sessions as t
                set hot = jsonb_set(coalesce(t.hot, '{}'), '{preferences}', coalesce(t.hot->'preferences', '{}')
                    || jsonb_build_object(log_event.event_data->>'name', log_event.event_data->>'value'))
                where t.id = v_session;
            else
                told := till.newest_event(v_session, v_type);
            end if;
        when 'quantity_changed', 'line_voided' then
            told := till.newest_event(v_session, v_type);
        else
            raise exception 'log_event does not take %.', left(v_type, 250)
                using errcode = 'TL006', hint = 'The types are menu_viewed, item_added, quantity_changed, line_voided, '
                    'preference_set and checkout_started; create_order_from_session places an order.';
    end case;
    return told;
end $$;

-- The newest event of a type on a session; null when there is none.
create or replace function till.newest_event(p_session text, p_type text) returns uuid
language plpgsql stable as $$
begin
    return (
        select e.event_id from warm.session_events as e
        where e.session_id = p_session and e.event_type = p_type order by e.version desc limit 1);
end $$;
