-- The state of a login, calculated from the clock whenever it is read. The column `status` has the last written state.

-- The time that a login lasts after its last heartbeat.
create or replace function session.lifetime() returns interval
language sql immutable parallel safe as $$
    select interval '12 hours'
$$;

-- RECONNECTING after two missed heartbeats of ten seconds; INACTIVE after five minutes without one, or after a logout.
create or replace function session.status_of(
    p_last_active timestamptz, p_expires_at timestamptz, p_ended_at timestamptz
) returns text
language sql stable parallel safe as $$
    select case
        when p_expires_at < now() then 'EXPIRED'
        when p_ended_at is not null or p_last_active <= now() - interval '5 minutes' then 'INACTIVE'
        when p_last_active <= now() - interval '20 seconds' then 'RECONNECTING'
        else 'ACTIVE'
    end
$$;

-- True if a person is logged in at a till and sent a heartbeat there within two minutes. A till that crashed and shows
-- its login screen still connects, but without a heartbeat of that person.
create or replace function session.is_live(p_store uuid, p_till integer, p_user integer) returns boolean
language plpgsql stable as $$
begin
    return exists (
        select from session.active_sessions as s
        where s.user_id = p_user::text and s.store_id = p_store and s.till_id = p_till and s.ended_at is null
            and s.last_active > now() - interval '2 minutes'
    );
end $$;

-- Every login in its current state, without its token. `connection_quality` is the last measurement while heartbeats
-- arrive, POOR once they stop, and null for a login that ended or was never measured.
-- for: admin, report
create or replace view session.sessions_now as
select s.store_id, s.session_id, s.user_id, s.till_id, n.status, s.created_at, s.last_active, s.expires_at, s.ended_at,
    case n.status
        when 'ACTIVE' then m.metadata->>'connection_quality'
        when 'RECONNECTING' then 'POOR'
        when 'INACTIVE' then case when s.ended_at is null then 'POOR' end
    end as connection_quality,
    coalesce(m.metadata, '{}') as metadata
from session.active_sessions as s
cross join lateral (select session.status_of(s.last_active, s.expires_at, s.ended_at) as status) as n
left join session.session_metadata as m on m.session_id = s.session_id;
