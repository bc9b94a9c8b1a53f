-- Another buyer is another invoice: a mend names the buyer of its record, at most as one whom the authority does not know.

alter table till.fiscal_mends drop column buyer, add column is_unregistered boolean default false not null;
