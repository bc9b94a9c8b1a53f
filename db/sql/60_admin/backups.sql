-- Backups: the database records the last one, and tills receive it with the settings of their store.

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
