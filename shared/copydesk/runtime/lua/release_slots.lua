-- Requests that were no pages' are over. Runs after slots.lua.
-- ARGV: delay, slots of a host, then per request: host, token, seconds for which the server asked to be left alone
for n = 3, #ARGV, 3 do
  release_slot(ARGV[n], ARGV[n + 1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[n + 2]))
end
return 1
