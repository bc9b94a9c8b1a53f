-- Acts of a manager from any till's machine, by the till's secret and a password, without the rights of the owner.

-- True if a manager needs an admin for a call: it changes a person, gives a role or sets what managers may. A manager may
-- change cashiers; everybody may change their own name, PIN and password, and unlock themselves. A manager who could
-- unlock an admin could guess that admin's password without end.
create or replace function till.needs_admin(p_store uuid, p_actor integer, p_call text, p_values jsonb) returns boolean
language plpgsql stable as $$
begin
    return exists (select from till.users as a where a.store_id = p_store and a.id = p_actor and a.role <> 'admin')
        and case
            when p_call = 'losses_v1' then true
            when p_call = 'export_records_v1' then (p_values->0->>'texts')::boolean
            when p_call = 'store_settings_v1' then p_values->0 @? '$.keyvalue() ? (@.key starts with "manager_")'
            when p_call = 'user_add_v1' and p_values->>2 is distinct from 'cashier' then true
            when p_call = 'user_set_role_v1' and p_values->>1 is distinct from 'cashier' then true
            when p_call ~ '^user_(add|disable|rename|set_role|set_pin|set_password|set_language|unlock)_v1$'
                then (p_values->>0)::integer <> p_actor and exists (
                    select from till.users as u
                    where u.store_id = p_store and u.id = (p_values->>0)::integer and u.role <> 'cashier')
        end;
end $$;

-- Calls a function of `till.for_managers` for the person of the token, without the store and the actor, and returns its
-- value. `values` are its other arguments by place; null, and those left out at the end, are as for the function.
-- Refused with `wrong_token`, `needs_manager`, `needs_admin`, `needs_owner`, or `refused` with that function's
-- sentence.
-- Takes `token`, `call`, `values`.
-- Gives {"ok", "value"}.
create or replace function till.manage_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    r record;
    called text;
    given jsonb;
    arguments text;
    done jsonb;
begin
    r := till.acting_manager(p_auth, p_request->>'token');
    called := p_request->>'call';
    given := coalesce(p_request->'values', '[]');
    if r.refused is not null then
        return r.refused;
    elsif called is null or called <> all (till.for_managers()) then
        return till.act_refused('needs_owner');
    elsif till.needs_admin(p_auth.store_id, r.actor, called, given) then
        return till.act_refused('needs_admin');
    end if;
    perform set_config('till.token', p_request->>'token', true);
    select string_agg(
            case
                when a.name = 'p_store' then '$1'
                when a.name = 'p_actor' then '$2'
                when a.kind = 'text[]'::regtype then format('(select array_agg(x) from jsonb_array_elements_text(nullif($3->%s, ''null'')) as x)', a.nth)
                when a.kind = 'jsonb'::regtype then format('nullif($3->%s, ''null'')', a.nth)
                else format('($3->>%s)::%s', a.nth, a.kind)
            end, ', ' order by a.place)
    into arguments
    from (
        select x.name, x.kind::regtype as kind, x.place,
            count(*) filter (where x.name not in ('p_store', 'p_actor')) over (order by x.place) - 1 as nth
        from pg_proc as p
        cross join lateral rows from (unnest(p.proargnames), unnest(p.proargtypes::oid[])) with ordinality as x (name, kind, place)
        where p.pronamespace = 'till'::regnamespace and p.proname = called
    ) as a
    where a.nth < jsonb_array_length(given);
    execute format('select to_jsonb(till.%I(%s))', called, arguments) into done using p_auth.store_id, r.actor, given;
    return json_build_object('ok', true, 'value', done);
exception
    when sqlstate 'TL003' or sqlstate 'TL004' or sqlstate 'TL005' or sqlstate 'TL006' then
        return json_build_object('ok', false, 'code', 'refused', 'detail', sqlerrm, 'head', null);
end $$;
