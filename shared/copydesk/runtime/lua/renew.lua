-- Its holder lives: leases of pages and slots of hosts last longer. What was lost in the meantime stays lost.
-- Runs after slots.lua.
-- ARGV: seconds of a lease, delay, slots of a host, then per claim: page id (empty for a slot alone), host, token
-- Answers per claim whether its slot is still held, and its page.
local lease, delay, slots = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now, out = unix(), {}
for n = 4, #ARGV, 3 do
  local id, host, token = ARGV[n], ARGV[n + 1], ARGV[n + 2]
  local has_slot, has_page = 0, 0
  for place = 1, slots do
    if redis.call('GET', slot_key(host, place)) == token then
      redis.call('PEXPIRE', slot_key(host, place), slot_milliseconds(host, lease, delay))
      has_slot = 1
    end
  end
  if id ~= '' and leased(id, token) then
    redis.call('ZADD', 'copydesk:frontier:leases', now + lease, id)
    has_page = 1
  end
  out[#out + 1] = has_slot
  out[#out + 1] = has_page
end
return out
