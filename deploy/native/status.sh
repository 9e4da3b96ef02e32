#!/usr/bin/env bash
# Says of every node whether its process lives and what it answers. Exit status 1 if something is not as it should be.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in lib process redis kafka etcd mysql mysql97; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done

find_folder
settle
known=
for service in $every_service; do
	if [ -d "$data/$service" ]; then known+=" $service"; fi
done
if [ -z "$known${SERVICES:-}" ]; then
	say cluster "nothing was ever started in $CLUSTER_DIR; make cluster-up does"
	exit 1
fi
choose_services "$known"

status_of() { # SERVICE
	local node pid state verdict=yes
	"$1_ready" || verdict=
	for node in $("$1_nodes"); do
		if pid=$(pid_of "$1-$node"); then
			"$1_role" "$node"
			state="pid $pid, $role"
		elif [ -f "$run/$1-$node.pid" ]; then
			state="DIED; make cluster-up starts it again, $log/$1-$node.log may tell why"
		else
			state="not started"
		fi
		say "$1" "$node  $state"
	done
	if [ -n "$verdict" ]; then say "$1" "ok: $fact"; else say "$1" "NOT OK"; fi
	[ -n "$verdict" ]
}

ok=yes
for service in "${services[@]}"; do status_of "$service" || ok=; done
[ -n "$ok" ]
