-- Rows that hold the label that goes are counted before the plan, and stop it.
insert into stages values ('draft'), ('done');
insert into notes (status) values ('draft'), ('done');
