"""The soak: the whole system on a made-up site while its processes are killed, and a count of what its consumers got."""
