-- Forgets everything.
-- ARGV: fence. Answers: ok.

if tonumber(ARGV[1]) < tonumber(redis.call('HGET', SALE, 'fence') or 0) then return {'fenced'} end
redis.call('UNLINK', SALE, ATTEMPTS, USERS)
return {'ok'}
