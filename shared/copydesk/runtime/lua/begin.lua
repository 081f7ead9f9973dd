-- ARGV: stage, job id, now, seconds until the reaper looks, seconds a sign of life lasts, tries, page ids ...
-- Answers two lists: ids to work on, and ids whose tries are used up. Pages that this job no longer owns are in neither.
-- A try is counted before the work, and only where a page stands alone in its job: the death of a batch
-- says nothing about the page at fault.
local stage, job, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local alone = #ARGV == 7
local work, exhausted = {}, {}
for n = 7, #ARGV do
  local id = ARGV[n]
  if owned(stage, id, job) then
    local tries = 0
    if alone then
      tries = redis.call('HINCRBY', 'copydesk:page:' .. id, stage .. '_tries', 1)
    end
    if tries > tonumber(ARGV[6]) then
      exhausted[#exhausted + 1] = id
    else
      work[#work + 1] = id
    end
    redis.call('ZADD', 'copydesk:stage:' .. stage, 'XX', now + tonumber(ARGV[4]), id)
  end
end
redis.call('SET', 'copydesk:alive:' .. job, '1', 'EX', ARGV[5])
return {work, exhausted}
