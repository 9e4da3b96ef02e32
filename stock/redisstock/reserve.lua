-- Takes units for each request in turn.
-- ARGV: fence, the end of a name for the group, the requests as members of a group,
-- how many they are, their attempts, their users, then units and limit of each, or
-- one of both for all.
-- Answers: ok, fence, left, one digit of stock.Status per request, the group or '',
-- how many are held, how many microseconds ago the goods was filled, 0 if there were
-- no orders then.

local n = open()
if not n then return {'not loaded'} end
local fence, size = tonumber(ARGV[1]), tonumber(ARGV[4])
if fence ~= 0 and fence < n.fence then return {'fenced'} end

local U, W = 4 + size, 3 + 2 * size -- users and wishes stand behind these
local known, had = get(ATTEMPTS, ARGV, 5, size), get(USERS, ARGV, 1 + U, size)
local at = now()
local group = at .. '-' .. ARGV[2]

local function status(mark)
  if mark == 'r' then return '4' end
  local _, of = place(mark)
  return of and held(of) and '2' or '3'
end

-- Numbers and their texts are few, and dear to make of each other.
local number = setmetatable({[false] = 0}, {__index = function(all, digits)
  all[digits] = tonumber(digits)
  return all[digits]
end})
-- Lua in Go, which serves tests, makes a table as long as its highest number.
local text = setmetatable({}, {__index = function(all, value)
  local digits = string.format('%d', value)
  if value <= STEP then all[value] = digits end
  return digits
end})
local mark = setmetatable({}, {__index = function(all, digits)
  all[digits] = 'g' .. digits .. ':' .. group
  return all[digits]
end})

local statuses, marks, sums = {}, {}, {} -- no status is Reserved
local left, k = n.left, 0
local taken, has = {}, {} -- what this group did so far, by attempt and by user
local mixed, units, limit = ARGV[W + 4], number[ARGV[W + 2] or false], number[ARGV[W + 3] or false]
for r = 1, size do
  local attempt, user = ARGV[4 + r], ARGV[U + r]
  if mixed then units, limit = number[ARGV[W + 2 * r]], number[ARGV[W + 2 * r + 1]] end
  local sum = (has[user] or number[had[r]]) + units
  if taken[attempt] then
    statuses[r] = '2'
  elseif known[r] then
    statuses[r] = status(known[r])
  elseif limit > 0 and sum > limit then
    statuses[r] = '6'
  elseif units > left then
    statuses[r] = '5'
  else
    left = left - units
    taken[attempt], has[user] = true, sum
    marks[k + 1], marks[k + 2] = attempt, mark[text[units]]
    sums[k + 1], sums[k + 2] = user, text[sum]
    k = k + 2
  end
end

local members, answers = ARGV[3], string.rep('1', size)
if k < 2 * size then
  for r = 1, size do statuses[r] = statuses[r] or '1' end
  answers = join(statuses)
  members = answers .. members
end

if k > 0 then
  put('HSET', ATTEMPTS, marks)
  put('HSET', USERS, sums)
  local took = n.left - left
  n.held = n.held + took
  redis.call('HSET', SALE, 'left', text[left], 'held', text[n.held], group, text[took], 'of:' .. group, members)
else
  group = ''
end
if fence > n.fence then redis.call('HSET', SALE, 'fence', ARGV[1]) end
local refilled = n.since == '' and 0 or math.max(tonumber(at) - tonumber(n.since), 1)
return {'ok', text[math.max(n.fence, fence)], text[left], answers, group, n.held, refilled}
