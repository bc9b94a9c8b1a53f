-- Enrolments. A manager gets a code and enters it on a machine, which then becomes a till of the venue. The machine
-- generates the secret, which never leaves it.

-- Creates the enrolment code of a till, by its digest, for an hour; an earlier code becomes invalid. `p_kind` is 'add'
-- for a new number (or a revoked one), 'replace' for another machine under an existing number, 'renew' for another
-- secret of the same machine. Nothing changes until the code is used. Returns the expiry time. With `p_stations`, empty for
-- all of them, the machine becomes a screen of the kitchen.
-- for: admin, manager
create or replace function till.enrolment_make_v2(
    p_store uuid, p_actor integer, p_till integer, p_kind text, p_name text, p_digest text, p_stations text[]
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    t till.tills;
    ends constant timestamptz := now() + interval '1 hour';
begin
    if p_kind is null or p_kind not in ('add', 'replace', 'renew') or coalesce(p_digest, '') !~ '^[0-9a-f]{64}$'
        or p_till is null or p_till not between 1 and 999
    then
        raise exception 'An enrolment has a till from 1 to 999, and a code.' using errcode = 'TL006';
    elsif p_name is not null then
        perform till.check_name(p_name);
    end if;
    perform till.check_stations(p_store, p_till, p_stations);
    insert into till.enrolments as e (store_id, till_id, digest, kind, name, made_by, expires_at, stations)
    values (p_store, p_till, p_digest, p_kind, p_name, p_actor, ends, p_stations)
    on conflict (store_id, till_id) do update
    set digest = excluded.digest, kind = excluded.kind, name = excluded.name, made_by = excluded.made_by,
        expires_at = excluded.expires_at, taken_by = null, stations = excluded.stations, no_money = false;
    select * into t from till.tills where store_id = p_store and id = p_till for update;
    if p_kind = 'add' and t.id is not null and t.revoked_at is null then
        raise exception 'Till % is already enrolled. Choose another number, or replace its machine.', p_till
            using errcode = 'TL005';
    elsif p_kind <> 'add' and t.id is null then
        raise exception 'There is no till %.', p_till using errcode = 'TL004';
    elsif p_kind = 'renew' and t.revoked_at is not null then
        raise exception 'Till % was revoked. Add it again.', p_till using errcode = 'TL005';
    end if;
    perform warm.admin_event(
        p_store, p_actor, 'enrolment_made', jsonb_build_object('till', p_till, 'kind', p_kind));
    return warm.time_text(ends);
end $$;

-- Creates the enrolment code of a till that sells.
-- for: admin, manager
create or replace function till.enrolment_make_v1(
    p_store uuid, p_actor integer, p_till integer, p_kind text, p_name text, p_digest text
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    return till.enrolment_make_v2(p_store, p_actor, p_till, p_kind, p_name, p_digest, null);
end $$;

-- Enrols a machine: {"code", "till", "secret_hash", "store", "held", "fresh", "journal"}. `secret_hash` is the SHA-256
-- of the secret that the machine made and keeps; `store` the venue of its data folder, or null; `held` its current
-- secret, needed for a renewal; `journal` its journal of that number, or null; `fresh` is true if it has none. Returns
-- {"ok", "store", "till", "name", "stations", "is_sender", "venue", "journal"}: `stations` are those of a screen of the kitchen,
-- null for a till that sells; `journal` is the one with which the machine goes on. It is null if the machine has none,
-- or one that was retired: then its next journal replaces the live one. The machine puts any other journal beside. A
-- code works once, but the same machine gets the same answer again, because one may be lost. Refuses with
-- `no_enrolment`, `other_venue`, `not_that_till`, `protocol`.
-- for: app
create or replace function till.enrol_v1(p_request text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    r jsonb;
    e till.enrolments;
    t till.tills;
    venue jsonb;
    is_retired boolean;
begin
    r := p_request::jsonb;
    if coalesce(r->>'secret_hash', '') !~ '^[0-9a-f]{64}$' then
        return till.act_refused('protocol');
    end if;
    select * into e from till.enrolments
    where digest = warm.digest(r->>'code') and till_id = (r->>'till')::integer and expires_at > now()
    for update;
    if not found or e.taken_by <> r->>'secret_hash' then
        return till.act_refused('no_enrolment');
    elsif r->>'store' is not null and e.store_id <> (r->>'store')::uuid then
        return till.act_refused('other_venue');
    end if;
    select * into t from till.tills where store_id = e.store_id and id = e.till_id for update;
    is_retired := e.kind <> 'renew' and exists (
        select from warm.journal_head as h
        where h.journal_id = (r->>'journal')::uuid and h.store_id = e.store_id and h.till_id = e.till_id
            and h.retired_at is not null);
    if e.taken_by is null then
        if e.kind = 'renew' and t.secret_hash is distinct from warm.digest(coalesce(r->>'held', '')) then
            return till.act_refused('not_that_till');
        end if;
        if e.kind <> 'renew' and t.live_journal is not null and (r->'fresh' = 'true' or is_retired) then
            perform warm.adopt_journal(e.store_id, e.made_by, e.till_id);
        end if;
        perform till.till_enrol_v2(e.store_id, e.made_by, e.till_id, e.name, r->>'secret_hash', e.stations);
        if e.no_money then
            perform till.say_money(e.store_id, e.made_by, e.till_id, false);
        end if;
        insert into till.enrolments (store_id, till_id, digest, kind, name, made_by, expires_at, taken_by, stations)
        values (e.store_id, e.till_id, e.digest, e.kind, e.name, e.made_by, e.expires_at, r->>'secret_hash', e.stations);
    end if;
    venue := till.venue(e.store_id);
    return json_build_object(
        'ok', true, 'store', e.store_id, 'till', e.till_id, 'journal', case when not is_retired then r->>'journal' end,
        'name', (select x.name from till.tills as x where x.store_id = e.store_id and x.id = e.till_id),
        'stations', (select x.stations from till.tills as x where x.store_id = e.store_id and x.id = e.till_id),
        'is_sender', till.is_sender(e.store_id, e.till_id), 'venue', json_build_object(
            'name', venue->'name', 'currency', venue->'currency', 'locale', venue->'locale', 'timezone', venue->'timezone')
    )::text;
exception when data_exception then
    return till.act_refused('protocol');
end $$;
