-- Programs that are not tills: which may store orders here, and under which role of the server.

-- Registers a program, or a revoked one again. Returns the name of its role, which the caller creates. The name is a
-- word, so that a role can have it; the role's name includes the store, because a server may have several. A program
-- that only reports payments stores no orders; its purpose cannot be changed.
-- for: admin
create or replace function till.program_add_v1(
    p_store uuid, p_actor integer, p_name text, p_tells_payments boolean default false
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    found_role text;
begin
    if (p_name ~ '^[a-z][a-z0-9_]{0,23}$') is not true then
        raise exception 'The name of a program has up to 24 lowercase letters, digits and _, a letter first.' using errcode = 'TL006';
    end if;
    insert into till.programs as p (store_id, name, role, tells_payments)
    values (p_store, p_name, 'till_program_' || p_name || '_' || left(md5(p_store::text), 12), p_tells_payments)
    on conflict (store_id, name) do update set revoked_at = null, added_at = now()
    where p.tells_payments = excluded.tells_payments
    returning role into found_role;
    if not found then
        raise exception 'The program % is for another purpose. Choose another name.', p_name using errcode = 'TL005';
    end if;
    perform warm.admin_event(p_store, p_actor, 'program_added', jsonb_build_object('program', p_name));
    return found_role;
end $$;

-- Revokes a program, from its next statement on. Returns its role. Its orders do not change.
-- for: admin
create or replace function till.program_revoke_v1(p_store uuid, p_actor integer, p_name text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    found_role text;
begin
    update till.programs set revoked_at = now() where store_id = p_store and name = p_name and revoked_at is null
    returning role into found_role;
    if not found then
        raise exception 'There is no program % to revoke.', p_name using errcode = 'TL004';
    end if;
    perform warm.admin_event(p_store, p_actor, 'program_revoked', jsonb_build_object('program', p_name));
    return found_role;
end $$;
