-- Answers: ok, total, left, held, sold, epoch, fence.

if not open() then return {'not loaded'} end
return counts()
