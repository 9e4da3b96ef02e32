-- As seckill_stock and seckill_orders, without what groups, fences and restores
-- need. Times are text in UTC, to the microsecond, so that they sort.

CREATE TABLE IF NOT EXISTS bench_stock (
    goods_id TEXT    NOT NULL PRIMARY KEY,
    total    INTEGER NOT NULL,
    sold     INTEGER NOT NULL,
    CHECK (sold >= 0 AND sold <= total)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS bench_orders (
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
    pay_by     TEXT    NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS bench_orders_user ON bench_orders (user_id, goods_id);
CREATE INDEX IF NOT EXISTS bench_orders_goods ON bench_orders (goods_id);
CREATE INDEX IF NOT EXISTS bench_orders_overdue ON bench_orders (state, pay_by);
