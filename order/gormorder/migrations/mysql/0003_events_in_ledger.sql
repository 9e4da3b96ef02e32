-- An entry of the ledger has the events of its transaction itself, so a group writes one row less.
-- payload: events for the outbox, or NULL. sent_at: when they were sent; an entry without events has none to send.
ALTER TABLE seckill_ledger ADD COLUMN payload LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;

ALTER TABLE seckill_ledger ADD COLUMN sent_at DATETIME(6) NULL;

UPDATE seckill_ledger SET sent_at = created_at WHERE payload IS NULL;

INSERT IGNORE INTO seckill_ledger (goods_id, kind, reference, units, payload, created_at)
    SELECT '', 'events', CONCAT('outbox.', id), 0, payload, created_at FROM seckill_outbox WHERE sent_at IS NULL ORDER BY id;

DELETE FROM seckill_outbox;

ALTER TABLE seckill_ledger ADD KEY seckill_ledger_unsent (sent_at, id);
