-- Submitters speak to the ledger only: here the leader says what keeps it from dispatching.

-- In its own words; NULL while nothing does.
ALTER TABLE leader ADD COLUMN hindrance text;
