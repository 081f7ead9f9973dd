-- Pages wait for their time: no job owns them until the reaper gives them to one. Runs after settle.lua.
-- ARGV: stage, owner, what stands in the owner's place, tries given back, then per page: id, unix time
local held = 0
for n = 5, #ARGV, 2 do
  local id = ARGV[n]
  if owned(ARGV[1], id, ARGV[2]) then
    local page = 'copydesk:page:' .. id
    redis.call('HSET', page, 'owner', ARGV[3])
    redis.call('ZADD', 'copydesk:stage:' .. ARGV[1], 'XX', ARGV[n + 1], id)
    if tonumber(ARGV[4]) > 0 then
      redis.call('HINCRBY', page, ARGV[1] .. '_tries', -tonumber(ARGV[4]))
    end
    held = held + 1
  end
end
return held
