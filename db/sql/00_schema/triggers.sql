-- Creates a trigger that fires for every writer, including replication and the restore of a backup.
create or replace function till.always_fire(p_table regclass, p_name text, p_when text, p_does text) returns void
language plpgsql as $$
begin
    execute format('create or replace trigger %1$I %2$s on %3$s %4$s; alter table %3$s enable always trigger %1$I',
        p_name, p_when, p_table, p_does);
end $$;

-- Makes the rows of some tables unchangeable: `p_refusal` refuses each update, delete and truncate.
create or replace function till.never_change(p_tables regclass[], p_refusal text) returns void
language plpgsql as $$
begin
    perform till.always_fire(t, 'never_changes', 'before update or delete', 'for each row execute function ' || p_refusal),
        till.always_fire(t, 'never_emptied', 'before truncate', 'for each statement execute function ' || p_refusal)
    from unnest(p_tables) as t;
end $$;
