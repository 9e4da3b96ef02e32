# shellcheck shell=bash
# Processes that are ours: started, recognised, waited for, stopped.

# identity says which process a pid is now: the pid, when it was started, in which boot. A pid that was given to
# somebody else has another identity; one that only waits to be reaped has none.
identity() { # PID
	local stat fields
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra fields <<<"${stat##*) }" # the name before it may have spaces
	[ "${fields[0]}" != Z ] && echo "$1 ${fields[19]} $(</proc/sys/kernel/random/boot_id)"
}

pid_of() { # NODE: fails if the node's process is gone
	local who
	{ read -r who <"$run/$1.pid"; } 2>/dev/null || return 1
	[ "$(identity "${who%% *}")" = "$who" ] && echo "${who%% *}"
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; } # PORT

holder() { # PORT: who has it, as far as this user may know
	local who
	who=$(ss -ltnpH "sport = :$1" 2>/dev/null | grep -oP '\(\("\K[^"]+",pid=\d+' | head -n 1 | sed 's/",pid=/, pid /') || :
	echo "${who:-a process that this user may not see}"
}

# ports_free names every port that somebody else has, before anything is started.
ports_free() { # SERVICE...
	local service node port free=yes
	for service in "$@"; do
		for node in $("${service}_nodes"); do
			if pid_of "$service-$node" >/dev/null; then continue; fi
			for port in $("${service}_ports" "$node"); do
				taken "$port" || continue
				say "$service" "FAILED: port $port is in use by $(holder "$port")" >&2
				free=
			done
		done
	done
	[ -n "$free" ] || die cluster "nothing was started. Stop what has the ports, take others (deploy/README.md), or leave a service out with SERVICES="
}

# spawn starts a command in a session of its own, unless it runs. The command gets nothing of this script but its
# environment: not the lock, not the terminal.
spawn() { # NODE COMMAND...
	local node=$1
	if pid_of "$node" >/dev/null; then return; fi
	shift
	setsid "$@" </dev/null >>"$log/$node.log" 2>&1 9>&- &
	identity $! >"$run/$node.pid" || : # gone already; whoever waits for it says so
}

# await polls until the service answers. A node that dies, or a minute and a half, ends it.
await() { # SERVICE: its nodes have been started
	local service=$1 began=$SECONDS told=0 node
	until "${service}_ready"; do
		for node in $("${service}_nodes"); do
			pid_of "$service-$node" >/dev/null || failed "$service" "$service-$node has died; mend what its log says and run cluster-up again" "$log/$service-$node.log"
		done
		((SECONDS - began < 90)) || failed "$service" "no answer for 90 s; is the machine too busy? The log may tell" "$log/$service-$node.log"
		if ((SECONDS - began >= told + 10)); then
			told=$((SECONDS - began))
			say "$service" "waiting for an answer ($told s)"
		fi
		sleep .3
	done
}

patiently() { # SERVICE WHAT OUTPUT COMMAND...: runs something long, and says that it is still at it
	local service=$1 what=$2 output=$3 began=$SECONDS told=0 pid
	shift 3
	say "$service" "$what"
	"$@" </dev/null >>"$output" 2>&1 9>&- &
	pid=$!
	trap 'kill $pid; exit 143' TERM
	while kill -0 $pid 2>/dev/null; do
		if ((SECONDS - began >= told + 10)); then
			told=$((SECONDS - began))
			say "$service" "$what ($told s)"
		fi
		sleep .2
	done
	trap - TERM
	wait $pid || failed "$service" "$what" "$output"
}

# stop asks all nodes at once, and ends by force what has not gone after 30 s.
stop() { # SERVICE NODE...
	local service=$1 node pid asked=() deadline=$((SECONDS + 30))
	shift
	for node in "$@"; do
		if pid=$(pid_of "$node") && kill "$pid"; then asked+=("$node"); fi
	done
	for node in "${asked[@]}"; do
		while pid=$(pid_of "$node") && ((SECONDS < deadline)); do sleep .1; done
		if pid=$(pid_of "$node"); then
			say "$service" "$node did not end by itself: killed"
			kill -9 "$pid" || :
		fi
	done
	for node in "$@"; do rm -f "$run/$node.pid"; done
	stopped=${#asked[@]}
}
