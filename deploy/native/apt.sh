# shellcheck shell=bash
# Programs that are missing come from the distribution, where that is apt.

need() { # PACKAGE PROGRAM...: one of the programs, or the package is missing
	local program package=$1
	shift
	for program in "$@"; do
		if command -v "$program" >/dev/null; then return; fi
	done
	missing+=("$package")
	missing_programs+=("$1")
}

install_missing() {
	local s as=() mine
	missing=() missing_programs=()
	need util-linux setsid flock
	for s in "$@"; do "${s}_needs"; done
	if [ ${#missing[@]} = 0 ]; then return; fi
	if [ "$(id -u)" != 0 ]; then as=(sudo); fi
	if ! command -v apt-get >/dev/null || { [ ${#as[@]} = 1 ] && ! command -v sudo >/dev/null; }; then
		die cluster "missing: ${missing_programs[*]}. Install them (in Debian's words: apt-get install ${missing[*]}) and run this again"
	fi
	[ ${#as[@]} = 0 ] || sudo -v || die cluster "without sudo: have somebody run apt-get install ${missing[*]}"
	keep_services_down "${as[@]}"
	patiently apt "installing ${missing[*]}" "$log/apt.log" apt_install "${as[@]}"
	let_services_up
	# The packages would start their own servers with the next boot, on ports that are wanted here.
	for mine in redis-server mariadb; do
		if [[ " ${missing[*]} " == *" $mine"* ]] && command -v systemctl >/dev/null; then
			"${as[@]}" systemctl disable "$mine" >>"$log/apt.log" 2>&1 || :
		fi
	done
}

apt_install() { # as [sudo]; a machine that has never asked for package lists gets them
	local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
	"$@" "${install[@]}" || { "$@" apt-get update -q && "$@" "${install[@]}"; }
}

# A policy-rc.d that says no keeps packages from starting their servers while they are installed. One that is there
# already is its owner's.
policy=/usr/sbin/policy-rc.d

keep_services_down() { # as [sudo]
	if [ -e "$policy" ]; then return; fi
	let_up=("$@" rm -f "$policy")
	trap let_services_up EXIT
	printf '#!/bin/sh\nexit 101\n' | "$@" tee "$policy" >/dev/null
	"$@" chmod 755 "$policy"
}

let_services_up() {
	if [ ${#let_up[@]} != 0 ]; then "${let_up[@]}"; fi
	let_up=()
}
let_up=()
