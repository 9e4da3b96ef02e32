# shellcheck shell=bash
# What the scripts share: where things are, and what is said to the person who watches.

native=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$native/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin # where servers live, and not every user looks
usual_services="redis kafka etcd mysql"
every_service="$usual_services mysql97"

say() { printf '%-6s %s\n' "$1" "$2"; }

die() { # SERVICE WHAT: the end, with what is wrong and what to do
	say "$1" "FAILED: $2" >&2
	exit 1
}

failed() { # SERVICE WHAT LOG: the same with a log's last word
	say "$1" "FAILED: $2" >&2
	say "$1" "the last lines of $3:" >&2
	tail -n 12 "$3" 2>&1 | sed 's/^/         /' >&2
	exit 1
}

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

since() { # MILLISECONDS: how long ago that was, as "2.1 s"
	local ms=$(($(milliseconds) - $1))
	echo "$((ms / 1000)).$((ms % 1000 / 100)) s"
}

# The folder with everything: software/ is what was built and downloaded, data/ what the servers keep, run/ whose
# processes are ours, log/ what they said.
find_folder() {
	: "${CLUSTER_DIR:=${XDG_STATE_HOME:+$XDG_STATE_HOME/seckill/cluster}}"
	: "${CLUSTER_DIR:=$checkout/.cluster}"
	CLUSTER_DIR=$(realpath -m "$CLUSTER_DIR")
	software=$CLUSTER_DIR/software data=$CLUSTER_DIR/data run=$CLUSTER_DIR/run log=$CLUSTER_DIR/log
}

make_folder() {
	mkdir -p "$software" "$data" "$run" "$log"
	chmod 700 "$CLUSTER_DIR"
	echo '*' >"$CLUSTER_DIR/.gitignore"
}

alone() { # one script at a time; the lock ends with the process
	exec 9>"$CLUSTER_DIR/lock"
	flock -n 9 || die cluster "another cluster-up or cluster-down is at work in $CLUSTER_DIR; wait for it"
}

# The data has the addresses in it, so these stay as they were when it was made.
settle() {
	local name value
	declare -gA fixed=([REDIS_PORT]=7000 [REDIS_BUS_OFFSET]=10000 [KAFKA_PORT]=9092 [ETCD_PORT]=2379 [ETCD_NODES]=3 [MYSQL_PORT]=3306 [MYSQL97_PORT]=3307)
	if [ -f "$data/settings" ]; then
		while IFS='=' read -r name value; do fixed[$name]=$value; done <"$data/settings"
	fi
	for name in "${!fixed[@]}"; do
		value=${!name:-${fixed[$name]}}
		[[ $value =~ ^[1-9][0-9]{0,4}$ ]] || die cluster "$name=$value: want a whole number"
		[ ! -f "$data/settings" ] || [ "$value" = "${fixed[$name]}" ] ||
			die cluster "$name=$value, but $data was made with ${fixed[$name]}; remove it, or take another CLUSTER_DIR"
		fixed[$name]=$value
		declare -g "$name=$value"
	done
	[ "$ETCD_NODES" = 1 ] || [ "$ETCD_NODES" = 3 ] || die cluster "ETCD_NODES=$ETCD_NODES: want 1 or 3"
}

remember() {
	local name
	for name in "${!fixed[@]}"; do echo "$name=${fixed[$name]}"; done >"$data/settings"
}

choose_services() { # SERVICES=redis,etcd, or the default
	local s
	read -ra services <<<"$(tr ',' ' ' <<<"${SERVICES:-$1}")"
	for s in "${services[@]}"; do
		[[ " $every_service " == *" $s "* ]] || die cluster "SERVICES: there is no $s; want some of ${every_service// /,}"
	done
}
