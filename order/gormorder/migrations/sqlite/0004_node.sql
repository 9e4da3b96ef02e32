-- node: who wrote the entry, for an order's history. Entries of older versions name nobody.
ALTER TABLE seckill_ledger ADD COLUMN node TEXT NOT NULL DEFAULT '';
