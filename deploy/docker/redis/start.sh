#!/bin/sh
# Starts a node. Its password goes in through standard input: no argument and no variable shows it.
set -eu
exec redis-server - <<END
$(cat /usr/local/etc/redis/redis.conf)
requirepass $(cat /run/secrets/redis_password)
masterauth $(cat /run/secrets/redis_password)
END
