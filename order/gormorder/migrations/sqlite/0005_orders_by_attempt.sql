-- An order's id is its attempt's, so one unique key does for both, and rows lie in the order of booking.
-- Orders of before keep their ids. A ticket of before would buy again: all nodes are upgraded at once, between two sales.
CREATE TABLE seckill_orders_by_attempt (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    goods_id   TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    quantity   INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'pending',
    version    INTEGER NOT NULL DEFAULT 1,
    reason     TEXT    NOT NULL DEFAULT '',
    payment_id TEXT    NOT NULL DEFAULT '',
    created_at TEXT    NOT NULL,
    updated_at TEXT    NOT NULL,
    pay_by     TEXT    NOT NULL,
    owed_since TEXT,
    CHECK (quantity > 0)
) STRICT;

INSERT INTO seckill_orders_by_attempt (id, goods_id, user_id, quantity, amount, currency, state, version, reason, payment_id, created_at, updated_at, pay_by, owed_since)
    SELECT id, goods_id, user_id, quantity, amount, currency, state, version, reason, payment_id, created_at, updated_at, pay_by, owed_since FROM seckill_orders ORDER BY id;

DROP TABLE seckill_orders;

ALTER TABLE seckill_orders_by_attempt RENAME TO seckill_orders;

CREATE INDEX seckill_orders_user ON seckill_orders (user_id, goods_id);

CREATE INDEX seckill_orders_goods ON seckill_orders (goods_id);

CREATE INDEX seckill_orders_due ON seckill_orders (state, owed_since, pay_by);
