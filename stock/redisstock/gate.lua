-- What the scripts share; it stands in front of each of them.
--
-- One goods has three keys:
--   SALE      hash  state total left held sold epoch fence; of the last load its id
--                   (load), its fence (loaded), its time unless there were no orders
--                   yet (since), and how many of the units that it counted as sold
--                   are so still (counted); and of each group (what one reservation
--                   took) that holds units still:
--                   <group>    units held
--                   of:<group> <statuses>:<members>; no statuses when all were taken.
--                   A member is two bytes, how long its names are, attempt and user
--   ATTEMPTS  hash  attempt -> g<units>:<group> (held while there is such a group,
--                   else sold), s<units> (sold), c (sold, and no units were taken
--                   for it since the load), r (released)
--   USERS     hash  user -> units held and sold; a user of none has no field
-- A group's name is the microsecond of its reservation, '-' and what the caller
-- gave for it.
--
-- Lua hashes every byte of every string that it is given or makes, so what is long
-- is passed on as it came, or not read at all.

local SALE, ATTEMPTS, USERS = KEYS[1], KEYS[2], KEYS[3]
local ARGV = ARGV -- a global costs more

-- Lua's stack has room for a few thousand values, so long lists go in steps. An
-- even step keeps pairs together.
local STEP = 1000

-- get reads fields of a hash, list[from] and on, in their order; a missing one is
-- false.
local function get(key, list, from, count)
  if count == 0 then return {} end
  local to = from + count - 1
  if count <= STEP then return redis.call('HMGET', key, unpack(list, from, to)) end
  local values = {}
  for i = from, to, STEP do
    local part = redis.call('HMGET', key, unpack(list, i, math.min(i + STEP - 1, to)))
    for k = 1, #part do values[i - from + k] = part[k] end
  end
  return values
end

-- put gives a list of arguments to a command of one key.
local function put(command, key, arguments)
  for from = 1, #arguments, STEP do
    redis.call(command, key, unpack(arguments, from, math.min(from + STEP - 1, #arguments)))
  end
end

-- join makes one string of many.
local function join(list)
  local text = ''
  for from = 1, #list, STEP do
    text = text .. table.concat(list, '', from, math.min(from + STEP - 1, #list))
  end
  return text
end

-- open reads the numbers of a goods that is on sale, or answers nil. A FLUSHALL
-- takes all keys, an eviction takes one: units that were taken since the load have an
-- attempt and a user.
local function open()
  local v = redis.call('HMGET', SALE, 'state', 'left', 'held', 'sold', 'fence', 'counted', 'loaded', 'since')
  if v[1] ~= 'open' then return nil end
  local n = {left = tonumber(v[2]), held = tonumber(v[3]), sold = tonumber(v[4]), fence = tonumber(v[5]),
    counted = tonumber(v[6]), loaded = tonumber(v[7]), since = v[8]}
  if n.held + n.sold > n.counted and redis.call('EXISTS', ATTEMPTS, USERS) < 2 then return nil end
  return n
end

local function counts()
  local v = redis.call('HMGET', SALE, 'total', 'left', 'held', 'sold', 'epoch', 'fence')
  return {'ok', v[1], v[2], v[3], v[4], v[5], v[6]}
end

-- now is the server's clock in microseconds, as text. It is exact in a Lua number.
local function now()
  local t = redis.call('TIME')
  return t[1] .. string.rep('0', 6 - #t[2]) .. t[2]
end

-- held returns how many units a group holds, nil if none. No other field of SALE
-- begins with a digit.
local function held(group)
  if not string.find(group, '^%d') then return nil end
  return tonumber(redis.call('HGET', SALE, group) or nil)
end

-- forget forgets a group that holds nothing any more.
local function forget(group)
  redis.call('HDEL', SALE, group, 'of:' .. group)
end

-- place reads a mark of ATTEMPTS: the units, none if none are taken, and the group
-- that may hold them.
local function place(mark)
  local units, group = string.match(mark, '^g(%d+):(.*)$')
  if units then return tonumber(units), group end
  local sold = string.match(mark, '^s(%d+)$')
  return tonumber(sold), nil
end
