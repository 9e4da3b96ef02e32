# shellcheck shell=bash
# Redis Cluster: 3 masters, and 3 replicas on the ports behind them.

redis_needs() {
	need redis-server redis-server
	need redis-tools redis-cli
}

redis_nodes() { seq "$REDIS_PORT" $((REDIS_PORT + 5)); }

redis_ports() { echo "$1" $(($1 + REDIS_BUS_OFFSET)); } # PORT

redis_at() { # PORT COMMAND...
	local port=$1
	shift
	timeout 5 redis-cli -h 127.0.0.1 -p "$port" "$@" 2>&1 | tr -d '\r'
}

redis_up() {
	local port args
	say redis "starting 6 nodes, ports $REDIS_PORT–$((REDIS_PORT + 5))"
	for port in $(redis_nodes); do
		args=(--port "$port" --dir "$data/redis/$port")
		((REDIS_BUS_OFFSET == 10000)) || args+=(--cluster-port $((port + REDIS_BUS_OFFSET))) # Redis 7 or later
		mkdir -p "$data/redis/$port"
		spawn "redis-$port" redis-server "$native/redis/redis.conf" "${args[@]}"
	done
	[ -f "$data/redis/formed" ] || redis_form
	await redis
	touch "$data/redis/formed"
}

# redis_form makes one cluster of six strangers. Each step may be done again, so whatever is interrupted here is
# finished by the next cluster-up. Answers are ignored: redis_ready looks at the result.
redis_form() {
	local port i master
	for port in $(redis_nodes); do
		redis_await "$port" PONG PING
		redis_at "$port" CLUSTER SET-CONFIG-EPOCH $((port - REDIS_PORT + 1)) >/dev/null || :
	done
	for i in 0 1 2; do
		# shellcheck disable=SC2046 # many numbers
		redis_at $((REDIS_PORT + i)) CLUSTER ADDSLOTS $(seq $((i * 16384 / 3)) $(((i + 1) * 16384 / 3 - 1))) >/dev/null || :
	done
	for port in $(redis_nodes); do
		redis_at "$REDIS_PORT" CLUSTER MEET 127.0.0.1 "$port" $((port + REDIS_BUS_OFFSET)) >/dev/null || :
	done
	for i in 0 1 2; do
		master=$(redis_at $((REDIS_PORT + i)) CLUSTER MYID)
		redis_await $((REDIS_PORT + 3 + i)) OK CLUSTER REPLICATE "$master"
	done
}

redis_await() { # PORT ANSWER COMMAND...
	local port=$1 answer=$2 tries
	shift 2
	for tries in {1..200}; do
		if [ "$(redis_at "$port" "$@")" = "$answer" ]; then return; fi
		if ((tries > 3)); then pid_of "redis-$port" >/dev/null || break; fi
		sleep .1
	done
	failed redis "redis-$port does not answer $* with $answer" "$log/redis-$port.log"
}

redis_ready() {
	local port info masters=0 replicas=0
	for port in $(redis_nodes); do
		info=$(redis_at "$port" CLUSTER INFO) || return 1
		[[ $info == *cluster_state:ok* && $info == *cluster_slots_ok:16384* && $info == *cluster_known_nodes:6* ]] || return 1
		info=$(redis_at "$port" INFO replication) || return 1
		case $info in
		*role:master*connected_slaves:1*state=online*) masters=$((masters + 1)) ;;
		*role:slave*master_link_status:up*) replicas=$((replicas + 1)) ;;
		esac
	done
	fact="cluster state ok, $masters masters, $replicas replicas attached"
	[ "$masters $replicas" = "3 3" ]
}

redis_role() { # PORT
	local info
	info=$(redis_at "$1" INFO replication) || :
	case $info in
	*role:master*) role="master, replicas: $(sed -n 's/^connected_slaves://p' <<<"$info")" ;;
	*role:slave*) role="replica of $(sed -n 's/^master_port://p' <<<"$info"), link $(sed -n 's/^master_link_status://p' <<<"$info")" ;;
	*) role="no answer" ;;
	esac
}
