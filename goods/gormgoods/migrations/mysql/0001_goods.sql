CREATE TABLE IF NOT EXISTS seckill_goods (
  goods_id       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  title          VARCHAR(200) NOT NULL,
  subtitle       VARCHAR(500) NOT NULL,
  price          BIGINT NOT NULL,
  original_price BIGINT NOT NULL,
  currency       CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  total          INT NOT NULL,
  limit_per_user INT NOT NULL,
  starts_at      DATETIME(6) NOT NULL,
  ends_at        DATETIME(6) NOT NULL,
  retired_at     DATETIME(6) NULL,
  KEY seckill_goods_open (retired_at, goods_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
