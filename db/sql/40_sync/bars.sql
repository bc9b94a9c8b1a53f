-- The checks of what a till may not write at all, whatever its order is. Each subject has one in its room: a function
-- `warm.bars_…(auth, event)`, which returns the fault, and is named here. What only an order tells is asked by warm.admitted.

-- True if the checks are asked about a record: it is of a type that one of them names, or of a till that one of them limits.
create or replace function warm.is_checked(p_auth warm.auth_context, p_type text) returns boolean
language sql immutable parallel safe as $$
    select p_auth.stations is not null or p_auth.money_heard % 2 = 1 or p_type = 'money_heard' or p_type = any (warm.kinds_of_ticket())
$$;

-- The fault of a record by the first check that bars it; null for none.
create or replace function warm.bar_of(p_auth warm.auth_context, e warm.incoming_event) returns text
language sql stable as $$
    select coalesce(warm.bars_kitchen(p_auth, e), warm.bars_money(p_auth, e))
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
