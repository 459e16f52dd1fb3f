insert into d (id, e) values (1, '[1,2,3]'), (2, null)
