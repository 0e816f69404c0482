-- Sites that many visitors look up are not proposed for the catalogue any more.
DROP TABLE proposals;
