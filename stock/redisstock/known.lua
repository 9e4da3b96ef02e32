-- Tells what is known of each attempt, and changes nothing.
-- ARGV: attempts.
-- Answers: ok, one digit of stock.Status per attempt.

if not open() then return {'not loaded'} end
local marks, statuses = get(ATTEMPTS, ARGV, 1, #ARGV), {}
for i = 1, #ARGV do
  local mark = marks[i]
  if not mark then
    statuses[i] = '0'
  elseif mark == 'r' then
    statuses[i] = '4'
  else
    local _, group = place(mark)
    statuses[i] = group and held(group) and '2' or '3'
  end
end
return {'ok', join(statuses)}
