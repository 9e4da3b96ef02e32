#!/usr/bin/env bash
# Stops what up.sh started, and nothing else. The data stays, for the next cluster-up.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
for part in lib process; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done

find_folder
choose_services "$every_service"
if [ ! -d "$run" ]; then
	say cluster "nothing was ever started in $CLUSTER_DIR"
	exit
fi
alone

stop_service() { # SERVICE
	local began nodes=() file stopped=0
	began=$(milliseconds)
	for file in "$run/$1"-*.pid; do
		if [ -f "$file" ]; then nodes+=("$(basename "$file" .pid)"); fi
	done
	stop "$1" "${nodes[@]}"
	case $stopped in
	0) say "$1" "nothing to stop" ;;
	*) say "$1" "stopped $stopped of ${#nodes[@]} after $(since "$began")" ;;
	esac
}

for service in "${services[@]}"; do stop_service "$service" & done
wait
