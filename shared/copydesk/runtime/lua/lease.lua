-- Keep a lease that is still its holder's, or give it back. KEYS: lock. ARGV: token, milliseconds (0: give it back)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[2] == '0' then
  return redis.call('DEL', KEYS[1])
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
