#!/bin/sh
# Makes one cluster of the nodes given as host:port, three masters and three replicas, unless they are one already, and
# waits until each says that all slots are served, and has its replica or its master.
set -eu
REDISCLI_AUTH=$(cat /run/secrets/redis_password)
export REDISCLI_AUTH

ask() { node=$1 && shift && redis-cli -h "${node%:*}" -p "${node#*:}" "$@"; }
serves() { ask "$1" cluster info | grep -q '^cluster_state:ok'; }
follows() { ask "$1" info replication | grep -qE '^(connected_slaves:[1-9]|master_link_status:up)'; }

serves "$1" || redis-cli --cluster create "$@" --cluster-replicas 1 --cluster-yes ||
	echo "not created: nodes that belong to a cluster find each other within seconds"

for each; do
	tries=60
	until serves "$each" && follows "$each"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "$each does not serve" >&2; exit 1; }
		sleep 1
	done
done
echo "the cluster serves"
