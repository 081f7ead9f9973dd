-- Take slots for requests that are no pages'. Runs after slots.lua.
-- A host whose slot was wanted in vain gives none to its own pages for a moment, so that a long queue of them does not keep
-- its feeds from being polled; after that it is the pages' turn, so that many feeds do not keep them from being fetched.
-- ARGV: seconds of a lease, delay, slots of a host, milliseconds for which a slot is wanted, then per request: host, token
-- Answers per request 0, or the milliseconds until a slot may be free.
local out = {}
for n = 5, #ARGV, 2 do
  local host, wanted = ARGV[n], 'copydesk:wanted:' .. ARGV[n]
  local wait = take_slot(host, ARGV[n + 1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
  if wait > 0 then
    redis.call('SET', wanted, 'poll', 'PX', ARGV[4], 'NX')
  elseif redis.call('EXISTS', 'copydesk:frontier:host:' .. host) == 1 then
    redis.call('SET', wanted, 'page', 'PX', slot_milliseconds(host, tonumber(ARGV[4]) / 1000, tonumber(ARGV[2])))
  end
  out[#out + 1] = wait
end
return out
