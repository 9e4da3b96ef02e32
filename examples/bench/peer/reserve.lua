-- Takes one unit for an attempt, once.
-- KEYS: left, attempts, users. ARGV: attempt, user, limit (0: none).
-- Answers: taken, or what is in the way.

if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 'taken' end
local left = redis.call('GET', KEYS[1])
if not left then return 'not loaded' end
local limit = tonumber(ARGV[3])
if limit > 0 and tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or 0) >= limit then return 'limit reached' end
if tonumber(left) < 1 then return 'sold out' end

redis.call('DECR', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], 1)
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return 'taken'
