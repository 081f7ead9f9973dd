-- Shared by every script that ends a page's way through a stage.

-- A page is worked on by one owner (an RQ job id) at a time; whoever lost it must not write.
local function owned(stage, page_id, owner)
  return redis.call('ZSCORE', 'copydesk:stage:' .. stage, page_id) ~= false
    and redis.call('HGET', 'copydesk:page:' .. page_id, 'owner') == owner
end

-- The page has its outcome: counted once, off the stage, and the TTL of what is kept of it starts now.
local function settle(stage, page_id, outcome, ttl)
  redis.call('ZREM', 'copydesk:stage:' .. stage, page_id)
  redis.call('HINCRBY', 'copydesk:counts', stage .. ':' .. outcome, 1)
  redis.call('HSET', 'copydesk:page:' .. page_id, 'outcome', outcome)
  redis.call('EXPIRE', 'copydesk:page:' .. page_id, ttl)
  redis.call('EXPIRE', 'copydesk:body:' .. page_id, ttl)
  redis.call('DEL', 'copydesk:extraction:' .. page_id)
end
