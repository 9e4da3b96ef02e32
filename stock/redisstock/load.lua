-- Forgets everything and opens the goods with what the ledger says.
-- ARGV: fence, load, total, sold, epoch. Answers: ok, total, left, held, sold, epoch,
-- fence.
--
-- A load has an id, so a call that is sent twice acts once.

local fence = tonumber(ARGV[1])
local stored = redis.call('HMGET', SALE, 'fence', 'load')
if fence < tonumber(stored[1] or 0) then return {'fenced'} end
if stored[2] ~= ARGV[2] then
  redis.call('UNLINK', SALE, ATTEMPTS, USERS)
  local first = tonumber(ARGV[5]) <= 1 and ARGV[4] == '0'
  redis.call('HSET', SALE, 'state', 'open', 'load', ARGV[2], 'loaded', fence, 'since', first and '' or now(),
    'epoch', ARGV[5], 'fence', fence, 'total', ARGV[3], 'left', ARGV[3] - ARGV[4], 'held', 0, 'sold', ARGV[4],
    'counted', ARGV[4])
end
return counts()
