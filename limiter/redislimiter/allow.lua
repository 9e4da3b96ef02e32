-- Allows a call unless the limit-th most recent allowed call is too young.
-- KEYS[1]  list of the times of the last allowed calls, in microseconds, newest first
-- ARGV     limit - 1, window in microseconds
-- Returns 0 if the call is allowed, else the microseconds until one can be.
local last, window = ARGV[1], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local oldest = redis.call('LINDEX', KEYS[1], last)
-- A time further ahead than a window was noted by a clock that has been set back
-- since; it must not lock the key out until that time comes again.
if oldest and math.abs(now - oldest) < window then
  return oldest + window - now
end

redis.call('LPUSH', KEYS[1], now)
-- What falls off is older than the window.
redis.call('LTRIM', KEYS[1], 0, last)
-- One more, as Redis counts whole milliseconds from the last full one.
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1)
return 0
