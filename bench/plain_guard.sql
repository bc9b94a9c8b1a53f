-- The guard of an order's rows at revision 0004, which was a trigger: none comes after its order.
create function cold.refuse_late_child() returns trigger
language plpgsql stable as $$
begin
    if exists (select from cold.orders as o where o.order_id = new.order_id) then
        raise exception 'A completed order takes nothing more.';
    end if;
    return new;
end $$;

do $$
declare
    child regclass;
begin
    foreach child in array '{cold.order_item,cold.order_line,cold.order_payment,cold.order_status_history}'::regclass[] loop
        execute format(
            'create trigger nothing_late before insert on %s
            for each row when (new.order_id::text is distinct from current_setting(''till.placing'', true))
            execute function cold.refuse_late_child()', child);
    end loop;
end $$;
