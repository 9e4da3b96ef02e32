#!/usr/bin/env bash
# Brings the four servers up on this machine's loopback, and returns when each has really answered. Run it again as
# often as you like: what is up stays up. deploy/README.md describes all of it.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in lib process apt redis kafka etcd mysql mysql97; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done

began=$(milliseconds)
find_folder
settle
choose_services "$usual_services"
make_folder
alone
remember

is_up() { # SERVICE
	local node
	for node in $("$1_nodes"); do pid_of "$1-$node" >/dev/null || return 1; done
	"$1_ready"
}

bring_up() { # SERVICE
	local began
	began=$(milliseconds)
	if is_up "$1"; then
		say "$1" "is up already: $fact; logs in $log/$1-*.log"
		return
	fi
	"$1_up"
	say "$1" "up after $(since "$began"): $fact; logs in $log/$1-*.log"
}

install_missing "${services[@]}"
ports_free "${services[@]}"

pids=()
for service in "${services[@]}"; do
	bring_up "$service" &
	pids+=($!)
done
trap 'kill "${pids[@]}" 2>/dev/null; say cluster "interrupted; make cluster-down stops what was started"; exit 130' INT TERM
ok=yes
for pid in "${pids[@]}"; do wait "$pid" || ok=; done
[ -n "$ok" ] || die cluster "not everything is up; make cluster-status says what is, make cluster-down stops it"
say cluster "up after $(since "$began"); everything is in $CLUSTER_DIR"
