-- Takes units for each request in turn.
-- ARGV: fence, then per request: attempt, user, units, limit.
-- Answers: ok, fence, left, one digit of stock.Status per request.

local n = open()
if not n then return {'not loaded'} end
local fence = tonumber(ARGV[1])
if fence ~= 0 and fence < n.fence then return {'fenced'} end

local attempts, users = {}, {}
for i = 2, #ARGV, 4 do
  local r = #users + 1
  attempts[r], users[r] = ARGV[i], ARGV[i + 1]
end
local known, had = get(ATTEMPTS, attempts), get(USERS, users)

-- A number costs Redis more to take over than a string, so what is the same for
-- many is a string from the start.
local at = string.format('%.0f', now())
local STATUS = {h = '2', s = '3', r = '4'}
local statuses, marks, holds, sums = {}, {}, {}, {}
local taken, has = {}, {} -- what this group did so far, by attempt and by user
for r = 1, #attempts do
  local attempt, user, units, limit = attempts[r], users[r], ARGV[4 * r] + 0, ARGV[4 * r + 1] + 0
  local mark, sum = known[r] or taken[attempt], (has[user] or had[r] or 0) + units
  if mark then
    statuses[r] = STATUS[string.sub(mark, 1, 1)]
  elseif limit > 0 and sum > limit then
    statuses[r] = '6'
  elseif units > n.left then
    statuses[r] = '5'
  else
    statuses[r] = '1'
    mark = 'h' .. ARGV[4 * r] .. ':' .. user
    n.left, n.held = n.left - units, n.held + units
    taken[attempt], has[user] = mark, sum
    local k = #marks
    marks[k + 1], marks[k + 2] = attempt, mark
    holds[k + 1], holds[k + 2] = at, attempt
    sums[k + 1], sums[k + 2] = user, sum == units and ARGV[4 * r] or sum
  end
end

put('ZADD', HOLDS, holds)
put('HSET', ATTEMPTS, marks)
put('HSET', USERS, sums)
if #marks > 0 or fence > n.fence then
  n.fence = math.max(n.fence, fence)
  redis.call('HSET', STOCK, 'left', n.left, 'held', n.held, 'fence', n.fence)
end
return {'ok', n.fence, n.left, join(statuses)}
