insert into users values (1), (2); insert into notes values (1, 5), (2, null);
