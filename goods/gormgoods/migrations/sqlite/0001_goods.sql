CREATE TABLE IF NOT EXISTS seckill_goods (
  goods_id       TEXT NOT NULL PRIMARY KEY,
  title          TEXT NOT NULL,
  subtitle       TEXT NOT NULL,
  price          INTEGER NOT NULL,
  original_price INTEGER NOT NULL,
  currency       TEXT NOT NULL,
  total          INTEGER NOT NULL,
  limit_per_user INTEGER NOT NULL,
  starts_at      TEXT NOT NULL,
  ends_at        TEXT NOT NULL,
  retired_at     TEXT
);
CREATE INDEX IF NOT EXISTS seckill_goods_open ON seckill_goods (retired_at, goods_id);
