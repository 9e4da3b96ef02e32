-- Adds one chunk of sales to a load.
-- ARGV: fence, load, chunk, then per sale: attempt, user, units (0: released).
-- Answers: ok.

local v = redis.call('HMGET', SALE, 'fence', 'load', 'chunk', 'left', 'sold')
if v[2] ~= ARGV[2] then
  return {tonumber(v[1] or 0) > tonumber(ARGV[1]) and 'fenced' or 'interrupted'}
end
local chunk, last = tonumber(ARGV[3]), tonumber(v[3])
if chunk <= last then return {'ok'} end
if chunk > last + 1 then return {'interrupted'} end

local attempts, users = {}, {}
for i = 4, #ARGV, 3 do
  local r = #users + 1
  attempts[r], users[r] = ARGV[i], ARGV[i + 1]
end
local known, had = get(ATTEMPTS, attempts, 1, #attempts), get(USERS, users, 1, #users)

local left, sold = tonumber(v[4]), tonumber(v[5])
local marks, sums = {}, {}
local seen, has = {}, {} -- what this chunk did so far, by attempt and by user
for r = 1, #attempts do
  local attempt, user, units = attempts[r], users[r], tonumber(ARGV[3 * r + 3])
  if not known[r] and not seen[attempt] then
    seen[attempt] = true
    marks[#marks + 1], marks[#marks + 2] = attempt, units == 0 and 'r' or 's' .. units
    if units > 0 then
      has[user] = (has[user] or tonumber(had[r] or 0)) + units
      left, sold = left - units, sold + units
      sums[#sums + 1], sums[#sums + 2] = user, has[user]
    end
  end
end

put('HSET', ATTEMPTS, marks)
put('HSET', USERS, sums)
redis.call('HSET', SALE, 'left', left, 'sold', sold, 'chunk', chunk)
return {'ok'}
