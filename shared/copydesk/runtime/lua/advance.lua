-- The extractor's output and its entry into the next stage, in one step.
-- ARGV: page id, owner, next owner (job id), extraction (zstd), unix time at which the reaper looks
local id = ARGV[1]
if not owned('extract', id, ARGV[2]) then
  return 0
end
redis.call('SET', 'copydesk:extraction:' .. id, ARGV[4])
redis.call('HSET', 'copydesk:page:' .. id, 'owner', ARGV[3])
redis.call('ZREM', 'copydesk:stage:extract', id)
redis.call('ZADD', 'copydesk:stage:dedup', ARGV[5], id)
redis.call('HINCRBY', 'copydesk:counts', 'extract:document', 1)
return 1
