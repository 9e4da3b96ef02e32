-- Changes the total, and what is left by as much.
-- ARGV: total. Answers: ok, total, left, held, sold, epoch, fence.

local n = open()
if not n then return {'not loaded'} end
local more = tonumber(ARGV[1]) - tonumber(redis.call('HGET', SALE, 'total'))
if more < 0 and n.left + more < 0 then return {'too small'} end
redis.call('HSET', SALE, 'total', ARGV[1], 'left', n.left + more)
return counts()
