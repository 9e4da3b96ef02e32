# shellcheck shell=bash
# etcd: three members, or one. Built from its Go module, which etcd/go.mod pins.

etcd_needs() {
	command -v go >/dev/null || die etcd "go is missing: install Go 1.26 or newer (https://go.dev/doc/install)"
}

etcd_nodes() { seq "$ETCD_PORT" 2 $((ETCD_PORT + 2 * ETCD_NODES - 2)); }

etcd_ports() { echo "$1" $(($1 + 1)); } # PORT

etcd_up() {
	local port cluster=
	etcd_build etcd go.etcd.io/etcd/server/v3
	etcd_build etcdctl go.etcd.io/etcd/etcdctl/v3
	say etcd "starting $ETCD_NODES, on $(etcd_nodes | paste -sd " "); the port behind each is its peers'"
	for port in $(etcd_nodes); do cluster+=${cluster:+,}etcd-$port=http://127.0.0.1:$((port + 1)); done
	mkdir -p "$data/etcd"
	for port in $(etcd_nodes); do
		spawn "etcd-$port" "$software/etcd" \
			--name "etcd-$port" --data-dir "$data/etcd/$port" \
			--listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
			--listen-peer-urls "http://127.0.0.1:$((port + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((port + 1))" \
			--initial-cluster "$cluster" --initial-cluster-token seckill \
			--heartbeat-interval 200 --election-timeout 2000 \
			--auto-compaction-mode periodic --auto-compaction-retention 1h \
			--log-level warn
	done
	await etcd
}

etcd_build() { # PROGRAM PACKAGE
	if [ "$software/$1" -nt "$native/etcd/go.mod" ]; then return; fi
	patiently etcd "building $1 $(etcd_version)" "$log/etcd-build.log" \
		env GOWORK=off go -C "$native/etcd" build -ldflags='-s -w' -o "$software/$1" "$2"
	touch "$software/$1" # which go leaves as it is if nothing changed
}

etcd_version() { sed -n 's,.*go.etcd.io/etcd/server/v3 \(v[0-9.]*\).*,\1,p' "$native/etcd/go.mod"; }

etcd_at() { # PORT COMMAND...
	local port=$1
	shift
	timeout 8 "$software/etcdctl" --endpoints "127.0.0.1:$port" --dial-timeout 2s --command-timeout 3s "$@" 2>/dev/null
}

# endpoint status says in its ninth column whether the member is the leader, and health needs a quorum.
etcd_role() { # PORT
	role="not healthy"
	etcd_at "$1" endpoint health >/dev/null || return 0
	role=$(etcd_at "$1" endpoint status --write-out simple | awk -F ', ' '{print $9 == "true" ? "leader" : "follower"}') || :
}

etcd_ready() {
	local port followers=0 leader=
	for port in $(etcd_nodes); do
		etcd_role "$port"
		case $role in
		leader) leader=etcd-$port ;;
		follower) followers=$((followers + 1)) ;;
		esac
	done
	fact="$ETCD_NODES of $ETCD_NODES healthy, leader $leader"
	[ -n "$leader" ] && ((followers == ETCD_NODES - 1))
}
