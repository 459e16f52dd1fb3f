insert into notes values (1, 't', 'k'), (2, 'u', 'k'); insert into lines values (1), (null);
