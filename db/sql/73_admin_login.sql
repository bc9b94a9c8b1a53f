-- Wrong PINs at an admin command count like those at a till.

-- Counts a wrong PIN of a person; the fifth locks the number for five minutes on every till. Gives until when the
-- number is locked, null while it is not.
create or replace function till.user_refused_v1(p_store uuid, p_user integer) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    u till.users;
begin
    update till.users set failed = failed + 1 where store_id = p_store and id = p_user returning * into u;
    if u.failed >= 5 then
        update till.users set failed = 0, locked_until = now() + interval '5 minutes'
        where store_id = p_store and id = p_user returning * into u;
        perform till.raise_version(p_store, 'staff');
    end if;
    perform warm.admin_event(p_store, p_user, 'login_refused', jsonb_build_object(
        'user', p_user, 'locked', coalesce(u.locked_until > now(), false)));
    return warm.time_text(case when u.locked_until > now() then u.locked_until end);
end $$;

-- Forgets the wrong PINs of a person who then brought the right one.
create or replace function till.user_admitted_v1(p_store uuid, p_user integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update till.users set failed = 0 where store_id = p_store and id = p_user and failed > 0;
end $$;
