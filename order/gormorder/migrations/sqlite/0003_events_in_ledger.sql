-- An entry of the ledger has the events of its transaction itself, so a group writes one row less.
-- payload: events for the outbox, or NULL. sent_at: when they were sent; an entry without events has none to send.
ALTER TABLE seckill_ledger ADD COLUMN payload TEXT;

ALTER TABLE seckill_ledger ADD COLUMN sent_at TEXT;

UPDATE seckill_ledger SET sent_at = created_at;

INSERT INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at)
    SELECT '', 'events', 'outbox.' || id, 0, payload, created_at FROM seckill_outbox WHERE sent_at IS NULL ORDER BY id;

DROP TABLE seckill_outbox;

CREATE INDEX seckill_ledger_unsent ON seckill_ledger (id) WHERE sent_at IS NULL;
