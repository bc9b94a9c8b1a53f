-- Backups and restores: the database records the last ones, and tills receive them with the settings of their store.

-- Records the time of a backup, unless a later one is recorded.
create or replace function till.note_backup(p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into till.schema_info as i (key, value) values ('backup', warm.time_text(p_at))
    on conflict (key) do update set value = greatest(i.value, excluded.value);
    perform till.raise_version(s.store_id, 'settings') from till.stores as s;
end $$;

-- The time of the last backup; of the creation of the store if there is none.
create or replace function till.backed_up_at(p_store uuid) returns timestamptz
language plpgsql stable as $$
begin
    return coalesce(
        (select i.value::timestamptz from till.schema_info as i where i.key = 'backup'),
        (select s.created_at from till.stores as s where s.store_id = p_store));
end $$;

-- Records that this database was restored now, the time of its backup, and when a till was last heard that may have worked since
-- that: in the week before the last one was.
create or replace function till.note_restored() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into till.schema_info as i (key, value)
    values ('restored', warm.time_text(now())), ('restored_idle', warm.time_text(coalesce((
        select max(t.seen_at) - interval '7 days' from till.tills as t where t.revoked_at is null), now())))
    union all select 'restored_from', b.value from till.schema_info as b where b.key = 'backup'
    on conflict (key) do update set value = excluded.value;
    perform till.raise_version(s.store_id, 'settings') from till.stores as s;
end $$;

-- The time of the last restore; null for none.
create or replace function till.restored_at() returns timestamptz
language plpgsql stable as $$
begin
    return (select i.value::timestamptz from till.schema_info as i where i.key = 'restored');
end $$;

-- The time of the backup that was restored last; null if that is not known.
create or replace function till.restored_from() returns timestamptz
language plpgsql stable as $$
begin
    return (select i.value::timestamptz from till.schema_info as i where i.key = 'restored_from');
end $$;

-- The tills of a store that have not been heard since the last restore: they may have sold, refunded or taken money after
-- the backup. A till that was idle for a week before the backup is left out, as is a revoked one.
create or replace function till.unheard(p_store uuid) returns integer[]
language plpgsql stable as $$
begin
    return array(
        select t.id from till.tills as t
        where t.store_id = p_store and t.revoked_at is null and t.seen_at < till.restored_at() and t.seen_at > (
            select i.value::timestamptz from till.schema_info as i where i.key = 'restored_idle')
        order by t.id);
end $$;
