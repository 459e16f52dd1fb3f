-- The made-up rows have one value in several.
insert into notes values (1, true);
