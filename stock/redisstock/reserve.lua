-- Takes units for each request in turn.
-- ARGV: fence, a name for the group, then per request: attempt, user, units, limit.
-- Answers: ok, fence, left, one digit of stock.Status per request.

local n = open()
if not n then return {'not loaded'} end
local fence, group = tonumber(ARGV[1]), ARGV[2]
if fence ~= 0 and fence < n.fence then return {'fenced'} end

local attempts, users = {}, {}
for i = 3, #ARGV, 4 do
  local r = #users + 1
  attempts[r], users[r] = ARGV[i], ARGV[i + 1]
end
local known, had = get(ATTEMPTS, attempts), get(USERS, users)

local function status(mark)
  if mark == 'r' then return '4' end
  local _, of = place(mark)
  return of and held(of) and '2' or '3'
end

-- A number costs Redis more to take over than a string.
local at = string.format('%.0f', now())
local statuses, marks, members, sums = {}, {}, {}, {}
local took = 0
local taken, has = {}, {} -- what this group did so far, by attempt and by user
local markOf = {} -- by units, as nearly all take the same
for r = 1, #attempts do
  local attempt, user, text, limit = attempts[r], users[r], ARGV[4 * r + 1], ARGV[4 * r + 2] + 0
  local units = text + 0
  local sum = (has[user] or had[r] or 0) + units
  if taken[attempt] then
    statuses[r] = '2'
  elseif known[r] then
    statuses[r] = status(known[r])
  elseif limit > 0 and sum > limit then
    statuses[r] = '6'
  elseif units > n.left then
    statuses[r] = '5'
  else
    statuses[r] = '1'
    n.left, n.held, took = n.left - units, n.held + units, took + units
    taken[attempt], has[user] = true, sum
    markOf[units] = markOf[units] or 'g' .. text .. ':' .. group
    local k = #marks
    marks[k + 1], marks[k + 2] = attempt, markOf[units]
    sums[k + 1], sums[k + 2] = user, sum == units and text or sum
    members[#members + 1] = #attempt .. ' ' .. #user .. ' ' .. text .. ' ' .. attempt .. user
  end
end

if took > 0 then
  put('HSET', ATTEMPTS, marks)
  put('HSET', USERS, sums)
  redis.call('HSET', GROUPS, group, took .. ';' .. join(members))
  redis.call('ZADD', HOLDS, at, group)
end
if took > 0 or fence > n.fence then
  n.fence = math.max(n.fence, fence)
  redis.call('HSET', STOCK, 'left', n.left, 'held', n.held, 'fence', n.fence)
end
return {'ok', n.fence, n.left, join(statuses)}
