-- Training: an instance for a login, from CREATING to STOPPED or ERROR, and the scores (docs/adaptations.md). The
-- instance has its own database on the machine of the till. Stored here is only who trains, since when, and how well.

-- The most bytes of the menu of an instance and of the figures of a score, as text, and the most scores of a person in
-- a day.
create or replace function simulator.bounds(out symbols integer, out figures integer, out a_day integer)
language sql immutable parallel safe as $$
    select 262144, 16384, 200
$$;

-- True if an instance may go from one state to another.
create or replace function simulator.may_become(p_from text, p_to text) returns boolean
language sql immutable parallel safe as $$
    select p_from = p_to and p_to not in ('STOPPED', 'ERROR') or (p_from, p_to) in (
        ('CREATING', 'STARTING'), ('STARTING', 'RUNNING'), ('CREATING', 'STOPPING'), ('STARTING', 'STOPPING'),
        ('RUNNING', 'STOPPING'), ('STOPPING', 'STOPPED'),
        ('CREATING', 'ERROR'), ('STARTING', 'ERROR'), ('RUNNING', 'ERROR'), ('STOPPING', 'ERROR'))
$$;

-- Creates the instance of a login, and the login if it has no row. Writes no event.
create or replace function simulator.create_instance(p_auth warm.auth_context, p_request jsonb) returns text
language plpgsql as $$
declare
    login constant uuid := (p_request->>'session')::uuid;
    most constant record := simulator.bounds();
begin
    if octet_length((p_request->'symbols')::text) > most.symbols then
        raise exception 'The menu of a training has at most % bytes.', most.symbols using errcode = '22023';
    elsif (
        select count(*) from simulator.instances as i join session.active_sessions as s on s.session_id = i.session_id
        where s.store_id = p_auth.store_id and s.till_id = p_auth.till_id and i.created_at > now() - interval '1 day') >= warm.most_trainings()
    then
        return warm.refusal('training', 'Too many trainings on this till today. Go on in one of them.', null, null);
    elsif not session.begin_login(
        p_auth.store_id, p_auth.till_id, (p_request->>'user')::integer, login, now(), now())
        and not exists (
            select from session.active_sessions as s
            where s.session_id = login::text and s.store_id = p_auth.store_id and s.till_id = p_auth.till_id
                and s.user_id = p_request->>'user' and s.ended_at is null)
    then
        return warm.refusal('training', 'Nobody of this venue has that number, or the login has ended.', null, null);
    end if;
    insert into simulator.instances (simulator_id, session_id, user_id, status, endpoint, initial_symbols, initial_cash)
    values (
        (p_request->>'simulator')::uuid, login, p_request->>'user', 'CREATING', left(p_request->>'endpoint', 250),
        p_request->'symbols', (p_request->>'cash')::numeric);
    return null;
exception when unique_violation then
    return warm.refusal('training', 'This login has a training already: end it first.', null, null);
end $$;

-- Records the state of a training of this till, or a sign of life if it is the same. The first creates the login and
-- the instance, and the last (`STOPPED`, `ERROR`) ends the login. A second training of a login is refused, and a step
-- out of order.
-- Takes `simulator`, `status`; with `CREATING` also `session`, `user`, `symbols`, `cash`, `endpoint`, with `ERROR` its
-- `reason`.
-- Gives {"ok"}.
create or replace function till.training_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    i record;
    new_status text;
    refused text;
begin
    new_status := p_request->>'status';
    select x.simulator_id, x.session_id, x.status, x.endpoint into i
    from simulator.instances as x join session.active_sessions as s on s.session_id = x.session_id
    where x.simulator_id = (p_request->>'simulator')::uuid::text
        and s.store_id = p_auth.store_id and s.till_id = p_auth.till_id
    for no key update of x;
    if i.simulator_id is null and new_status = 'CREATING' then
        refused := simulator.create_instance(p_auth, p_request);
        if refused is not null then
            return refused;
        end if;
        select x.simulator_id, x.session_id, x.status, x.endpoint into i
        from simulator.instances as x where x.simulator_id = (p_request->>'simulator')::uuid::text;
    elsif i.simulator_id is null or simulator.may_become(i.status, new_status) is not true then
        return warm.refusal('training', format(
            'The training is %s, and cannot become %s.', coalesce(i.status, 'gone'), coalesce(new_status, 'nothing')), null, null);
    end if;
    update simulator.instances set status = new_status, last_active = now() where simulator_id = i.simulator_id;
    update session.active_sessions set last_active = now() where session_id = i.session_id and ended_at is null;
    perform session.update_metadata(i.session_id, jsonb_build_object(
        'simulator_id', i.simulator_id, 'simulator_endpoint', i.endpoint, 'simulator_status', new_status,
        'simulator_error', left(p_request->>'reason', 250)));
    if new_status in ('STOPPED', 'ERROR') then
        perform session.end_login(i.session_id, now());
    end if;
    return json_build_object('ok', true);
end $$;

-- Stores a score of a person, if a `drill` is named, and returns all scores of the person, the oldest first.
-- Takes `user`; to keep one `drill`, `day`, `score`, `figures`.
-- Gives {"scores": [{"drill", "day", "figures"}]}.
create or replace function till.training_scores_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    most constant record := simulator.bounds();
begin
    if not exists (
        select from till.users as u where u.store_id = p_auth.store_id and u.id = (p_request->>'user')::integer)
    then
        return warm.refusal('training', 'Nobody of this venue has that number.', null, null);
    end if;
    if p_request ? 'drill' then
        if octet_length((p_request->'figures')::text) > most.figures or (
            select count(*) from simulator.scores as s
            where s.store_id = p_auth.store_id and s.user_id = (p_request->>'user')::integer
                and s.at > now() - interval '1 day') >= most.a_day  -- counted by the database's clock, because the till sets the day
        then
            return warm.refusal('training', 'That is more than is kept of a day of training.', null, null);
        end if;
        insert into simulator.scores (store_id, user_id, till_id, drill, day, score, figures)
        values (
            p_auth.store_id, (p_request->>'user')::integer, p_auth.till_id, p_request->>'drill',
            (p_request->>'day')::date, (p_request->>'score')::integer, p_request->'figures');
    end if;
    return json_build_object('ok', true, 'scores', (
        select coalesce(json_agg(json_build_object('drill', s.drill, 'day', s.day, 'figures', s.figures - 'remarks')
            order by s.at, s.score_id), '[]')
        from simulator.scores as s
        where s.store_id = p_auth.store_id and s.user_id = (p_request->>'user')::integer));
end $$;

-- Stops the instances without a report for an hour: their window was closed, or their machine is gone. Returns the
-- number.
create or replace function simulator.stop_inactive() returns integer
language plpgsql as $$
declare
    stopped integer;
begin
    update simulator.instances set status = 'STOPPED'
    where status in ('CREATING', 'STARTING', 'RUNNING', 'STOPPING') and last_active < now() - interval '1 hour';
    get diagnostics stopped = row_count;
    return stopped;
end $$;
