insert into notes values (1, 2000), (2, 3000);
