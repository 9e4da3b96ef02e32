-- Confirms what groups hold.
-- ARGV: the groups. Answers: ok, the groups that hold nothing.

local n = open()
if not n then return {'not loaded'} end

local reply, units = {'ok'}, 0
for i = 1, #ARGV do
  local holds = held(ARGV[i])
  if holds then
    units = units + holds
    forget(ARGV[i])
  else
    reply[#reply + 1] = ARGV[i]
  end
end
if units > 0 then
  redis.call('HSET', SALE, 'held', n.held - units, 'sold', n.sold + units)
end
return reply
