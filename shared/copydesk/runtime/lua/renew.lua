-- Its holder lives: leases of pages and slots of hosts last longer. What was lost in the meantime stays lost.
-- ARGV: unix time, seconds of a lease, then per claim: page id (empty for a slot alone), host, token
local lease = tonumber(ARGV[2])
for n = 3, #ARGV, 3 do
  local id, host, token = ARGV[n], ARGV[n + 1], ARGV[n + 2]
  if id ~= '' and leased(id, token) then
    redis.call('ZADD', 'copydesk:frontier:leases', tonumber(ARGV[1]) + lease, id)
  end
  if redis.call('GET', 'copydesk:slot:' .. host) == token then
    redis.call('PEXPIRE', 'copydesk:slot:' .. host, math.ceil(lease * 1000))
  end
end
return 1
