-- Pages change hands: a new job owns them. Pages that have left the stage in the meantime stay out of it.
-- ARGV: stage, job id, unix time at which the reaper looks, cause of the death of the job before (or empty),
--       tries given back, page ids ...
local taken = 0
for n = 6, #ARGV do
  local page = 'copydesk:page:' .. ARGV[n]
  if redis.call('ZSCORE', 'copydesk:stage:' .. ARGV[1], ARGV[n]) then
    redis.call('ZADD', 'copydesk:stage:' .. ARGV[1], 'XX', ARGV[3], ARGV[n])
    redis.call('HSET', page, 'owner', ARGV[2])
    if ARGV[4] ~= '' then
      redis.call('HSET', page, 'death', ARGV[4])
    end
    if tonumber(ARGV[5]) > 0 then
      redis.call('HINCRBY', page, ARGV[1] .. '_tries', -tonumber(ARGV[5]))
    end
    taken = taken + 1
  end
end
return taken
