-- The checks of what a till may not write at all, whatever its order is. Each subject has one in its room: a function
-- `warm.bars_…(auth, event)`, which returns the fault, and is named here. What only an order tells is asked by warm.admitted.

-- True if the checks are asked about a record: it is of a type, or says a thing, that one of them names, or of a till that one of
-- them limits. An order type that the first venue had is asked about by none.
create or replace function warm.is_checked(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language sql immutable parallel safe as $$
    select p_auth.stations is not null or p_auth.money_heard % 2 = 1 or e.event_type = 'money_heard' or e.event_type = any (warm.kinds_of_ticket())
        or e.event_type = 'quantity_changed' and e.data ? 'cut'
        or e.event_type = any (warm.kinds_typing()) and e.data->>'order_type' not in ('', 'dine_in', 'take_away', 'delivery')
$$;

-- The fault of a record that names an order type which neither the venue nor any menu of it ever had, or that says that it cut
-- pieces: only the server cuts, by `line_cut`.
create or replace function warm.bars_order(p_auth warm.auth_context, e warm.incoming_event) returns text
language sql stable as $$
    select case
        when e.event_type = 'quantity_changed' and e.data ? 'cut' then 'Pieces are cut off only by the server.'
        when e.event_type = any (warm.kinds_typing()) and e.data->>'order_type' <> '' and not exists (
                select from cold.order_type_table as o
                where o.order_type_name = e.data->>'order_type' and coalesce(o.store_id, p_auth.store_id) = p_auth.store_id)
            and not exists (
                select from till.menus as m
                where m.store_id = p_auth.store_id and m.body is not null and jsonb_path_exists(
                    m.body, '$.items[*].by_type.keyvalue() ? (@.key == $name)', jsonb_build_object('name', e.data->'order_type')))
            then format('No menu of this venue has the order type %s.', left(e.data->>'order_type', 80))
    end
$$;

-- The fault of a record by the first check that bars it; null for none.
create or replace function warm.bar_of(p_auth warm.auth_context, e warm.incoming_event) returns text
language sql stable as $$
    select coalesce(warm.bars_kitchen(p_auth, e), warm.bars_money(p_auth, e), warm.bars_order(p_auth, e))
$$;

-- Marks the records that a check bars, and returns the number by which the till heard last whether it takes money: from its
-- place in the chain, a record of it decides about those that follow.
create or replace function warm.bar_events(
    p_auth warm.auth_context, inout p_events warm.incoming_event[], out p_heard integer
)
language plpgsql stable as $$
declare
    e warm.incoming_event;
    checked warm.incoming_event[] := '{}';
begin
    foreach e in array p_events loop
        if e.fault is null then
            e.fault := warm.bar_of(p_auth, e);
            if e.fault is not null then
                e.state := 'TL033';
            elsif e.event_type = 'money_heard' then
                p_auth.money_heard := warm.change_heard(e);
            end if;
        end if;
        checked := array_append(checked, e);
    end loop;
    p_events := checked;
    p_heard := p_auth.money_heard;
end $$;
