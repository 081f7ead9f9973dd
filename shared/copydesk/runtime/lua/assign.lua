-- Pages change hands: a new job owns them. Pages that have left the stage in the meantime stay out of it.
-- ARGV: stage, job id, unix time at which the reaper looks, page ids ...
local taken = 0
for n = 4, #ARGV do
  if redis.call('ZSCORE', 'copydesk:stage:' .. ARGV[1], ARGV[n]) then
    redis.call('ZADD', 'copydesk:stage:' .. ARGV[1], 'XX', ARGV[3], ARGV[n])
    redis.call('HSET', 'copydesk:page:' .. ARGV[n], 'owner', ARGV[2])
    taken = taken + 1
  end
end
return taken
