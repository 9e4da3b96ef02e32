-- As seckill_stock and seckill_orders, without what groups, fences and restores
-- need. Ids are ASCII and differ by case. Times are UTC.

CREATE TABLE IF NOT EXISTS bench_stock (
    goods_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    total    INT NOT NULL,
    sold     INT NOT NULL,
    CONSTRAINT bench_stock_not_oversold CHECK (sold >= 0 AND sold <= total)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS bench_orders (
    seq        BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id         VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    goods_id   VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    user_id    VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    quantity   INT          NOT NULL,
    amount     BIGINT       NOT NULL,
    currency   VARCHAR(8)   CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    state      VARCHAR(16)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL DEFAULT 'pending',
    version    INT          NOT NULL DEFAULT 1,
    reason     TEXT         CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT (''),
    payment_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    created_at DATETIME(6)  NOT NULL,
    updated_at DATETIME(6)  NOT NULL,
    pay_by     DATETIME(6)  NOT NULL,
    UNIQUE KEY bench_orders_id (id),
    KEY bench_orders_user (user_id, goods_id),
    KEY bench_orders_goods (goods_id),
    KEY bench_orders_overdue (state, pay_by)
) ENGINE = InnoDB;
