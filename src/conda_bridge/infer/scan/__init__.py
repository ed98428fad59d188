"""Pure scanners of file text; `sources` feeds them member by member while it streams an archive."""
