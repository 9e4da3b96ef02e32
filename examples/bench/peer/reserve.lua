-- Takes one unit for an attempt, once.
-- KEYS: left, attempts, users. ARGV: attempt, user, limit (0: none), order id.
-- Answers: the id of the attempt's order, or what is in the way.

local known = redis.call('HGET', KEYS[2], ARGV[1])
if known then return known end
local left = redis.call('GET', KEYS[1])
if not left then return 'not loaded' end
local limit = tonumber(ARGV[3])
if limit > 0 and tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or 0) >= limit then return 'limit reached' end
if tonumber(left) < 1 then return 'sold out' end

redis.call('DECR', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return ARGV[4]
