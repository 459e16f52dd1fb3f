-- Rows that hold the label that goes are counted before the plan, and stop it.
insert into notes (mood) values ('good'), ('bad');
