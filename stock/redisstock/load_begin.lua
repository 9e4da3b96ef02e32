-- Forgets everything and starts to fill the goods, which stays closed.
-- ARGV: fence, load, total, epoch. Answers: ok.
--
-- A load has an id and numbers its chunks, so a call that is sent twice acts
-- once, and two loads at a time cannot mix.

local fence = tonumber(ARGV[1])
local stored = redis.call('HMGET', SALE, 'fence', 'load')
if fence < tonumber(stored[1] or 0) then return {'fenced'} end
if stored[2] == ARGV[2] then return {'ok'} end

redis.call('UNLINK', SALE, ATTEMPTS, USERS)
redis.call('HSET', SALE, 'state', 'loading', 'load', ARGV[2], 'chunk', 0, 'fence', fence, 'epoch', ARGV[4],
  'total', ARGV[3], 'left', ARGV[3], 'held', 0, 'sold', 0)
return {'ok'}
