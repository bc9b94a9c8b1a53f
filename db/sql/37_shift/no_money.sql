-- Tills that take no money (ADR 0070). Each change of a till counts its `money_changes` on: an odd number means none.
-- The till hears the number as reference data, and writes it as `money_heard`; from that place in its chain it takes effect.

-- The records by which a till moves money, or moves the end of an order: refused after its journal says that it takes none.
create or replace function warm.moves_money(e warm.incoming_event) returns boolean
language sql immutable as $$
    select e.event_type = any (warm.kinds_of_money() || warm.kinds_by_counter())
$$;

-- The number by which a till says that it heard whether it takes money; null for another record.
create or replace function warm.change_heard(e warm.incoming_event) returns integer
language sql immutable as $$
    select case e.event_type when 'money_heard' then least((e.data->>'change')::bigint, 2147483647) end
$$;

-- True for the number under which the venue's invoice records are sent.
create or replace function till.is_sender(p_store uuid, p_till integer) returns boolean
language plpgsql stable as $$
begin
    return coalesce((till.venue(p_store)->>'fiscal_sender')::integer, 0) = p_till;
end $$;

-- The fault of a record that a till may not write (`warm.bar_of`): one that moves money while it takes none. A till may always
-- say that it takes none; that it takes money again only if that was said, after what it heard before.
create or replace function warm.bars_money(p_auth warm.auth_context, e warm.incoming_event) returns text
language sql stable as $$
    select case
        when warm.change_heard(e) % 2 = 0 and warm.change_heard(e) <> p_auth.money_changes
            and (warm.change_heard(e) <= p_auth.money_heard or warm.change_heard(e) > p_auth.money_changes)
            then format('Till %s says that it takes money again, which no manager allowed: till admin tills no-money --off.', p_auth.till_id)
        when p_auth.money_heard % 2 = 1 and warm.moves_money(e) and not (  -- the sender of invoice records stamps
            e.event_type = 'fiscal_stamped' and till.is_sender(p_auth.store_id, p_auth.till_id))
            then format('Till %s takes no money. The record is kept here and does not count.', p_auth.till_id)
    end
$$;

-- The amounts that the drawer of a till holds by the last count or close that arrived, as text; null if it is empty.
create or replace function till.drawer_holds(p_store uuid, p_till integer) returns text
language plpgsql stable as $$
begin
    return (
        select string_agg(b.value || ' ' || b.key, ', ' order by b.key)
        from jsonb_each_text((warm.balance_before(p_store, p_till, 'ffffffff-ffff-ffff-ffff-ffffffffffff')).balance) as b
        where b.value::numeric <> 0);
end $$;

-- True if a till has an open shift, by what arrived.
create or replace function till.has_open_shift(p_store uuid, p_till integer) returns boolean
language sql stable as $$
    select exists (
        select from till.shifts as s
        where s.store_id = p_store and s.till_id = p_till and s.opened is not null and s.closed is null
            and s.closed_by_server is null and s.ended is null)
$$;

-- Says of a till whether it takes money. It takes effect when the till answers.
create or replace function till.say_money(p_store uuid, p_actor integer, p_till integer, p_takes boolean) returns void
language plpgsql as $$
begin
    update till.tills set money_changes = money_changes + 1, money_changed_at = now()
    where store_id = p_store and id = p_till and (money_changes % 2 = 0) <> p_takes;
    if found then
        perform warm.admin_event(p_store, p_actor, 'till_money_set', jsonb_build_object('till', p_till, 'with_money', p_takes));
        perform till.tell_tills(p_store, 'settings');
    end if;
end $$;

-- Says of the sender of invoice records that it takes no money: nobody would stamp what it sells. What it sold before counts.
create or replace function till.silence_sender(p_store uuid, p_actor integer, p_till integer) returns void
language plpgsql as $$
begin
    if till.is_sender(p_store, p_till) then
        perform till.say_money(p_store, p_actor, p_till, false);
    end if;
end $$;

-- Says of a till, or of the enrolment code of one, whether it takes money. Refused while it has a shift open, or money in its
-- drawer: who counts either would be told that there is none.
-- for: admin, manager
create or replace function till.till_money_v1(p_store uuid, p_actor integer, p_till integer, p_takes boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    t till.tills;
    held constant text := till.drawer_holds(p_store, p_till);
    has_code boolean;
begin
    update till.enrolments set no_money = not p_takes
    where store_id = p_store and till_id = p_till and taken_by is null and expires_at > now();
    has_code := found;
    select * into t from till.tills where store_id = p_store and id = p_till for update;
    if t.id is null and not has_code then
        raise exception 'There is no till %.', p_till using errcode = 'TL004';
    elsif t.stations is not null then
        raise exception 'Till % is a screen of the kitchen: it takes no money.', p_till using errcode = 'TL005';
    elsif p_takes and till.is_sender(p_store, p_till) then
        raise exception 'Till % sends the invoice records: it takes no money.', p_till using errcode = 'TL005';
    elsif not p_takes and till.has_open_shift(p_store, p_till) then
        raise exception 'Till % has a shift open. Close it there (F11), then try again. If its machine is lost, enrol another first: till admin tills add % --replace.', p_till, p_till
            using errcode = 'TL005';
    elsif not p_takes and held is not null then
        raise exception 'The drawer of till % holds %. Count it there and take it out (F11), then try again. If it is lost with its machine, enrol another first, till admin tills add % --replace, and count 0 at that.', p_till, held, p_till
            using errcode = 'TL005';
    elsif t.id is not null then
        perform till.say_money(p_store, p_actor, p_till, p_takes);
    end if;
end $$;

-- The version of the program that a till runs, by its newest start in the log; null if that is not there.
create or replace function till.build_of(t till.tills) returns text
language sql stable as $$
    select e.event_data->>'build' from warm.session_events as e
    where e.journal_id = t.live_journal and e.event_type = 'till_started' order by e.seq desc limit 1
$$;

-- The reason why what was said of a till has not taken effect: {"why", "build"}; null if it has. `shift` and `drawer`: it is to close
-- the one and to empty the other. `program`: it was here since and did not answer; `build` is the version of its program.
-- `unseen`: it was not here since.
create or replace function till.money_waits(t till.tills) returns jsonb
language plpgsql stable as $$
declare
    h warm.journal_head;
begin
    select * into h from warm.journal_head as x where x.journal_id = t.live_journal;
    if t.revoked_at is not null or t.money_changes % 2 = coalesce(h.money_heard, 0) % 2 then
        return null;
    end if;
    return jsonb_build_object(
        'why', case
            when t.money_changes % 2 = 1 and till.has_open_shift(t.store_id, t.id) then 'shift'
            when t.money_changes % 2 = 1 and till.drawer_holds(t.store_id, t.id) is not null then 'drawer'
            when t.seen_at > t.money_changed_at + interval '20 seconds' then 'program'
            else 'unseen' end,
        'build', till.build_of(t));
end $$;
