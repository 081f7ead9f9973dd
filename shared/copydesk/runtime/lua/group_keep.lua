-- A sign that this consumer still works on these entries. Those that it no longer holds.
local group, consumer = ARGV[1], ARGV[2]
local lost = {}
for n = 3, #ARGV do
  if attempts_of(KEYS[1], group, consumer, ARGV[n]) then
    redis.call('XCLAIM', KEYS[1], group, consumer, 0, ARGV[n], 'JUSTID')
  else
    lost[#lost + 1] = ARGV[n]
  end
end
return lost
