-- Where a page of order sessions ends: a front end's ids say nothing of time, so an id alone does not.
create type till.place as (at timestamptz, id text collate "C");
