#!/usr/bin/env bash
# Whether the server does what openapi.yaml says, and refuses what it does not say: Schemathesis makes requests from the
# document, good ones and bad ones, for buyers and for operators, 50 seconds each. What it may find is in checks.py and
# schemathesis.toml, with reasons. It needs Python and PyPI, and installs what is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
native=$here/../../deploy/native
for part in lib process apt; do
	# shellcheck source=/dev/null
	. "$native/$part.sh"
done

version=4.32.5
python_needs() {
	need python3 python3
	if ! python3 -c 'import ensurepip' 2>/dev/null; then
		missing+=(python3-venv)
		missing_programs+=("python3's venv")
	fi
}

find_folder
make_folder
install_missing python
venv=$software/schemathesis-$version
if [ ! -x "$venv/bin/schemathesis" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

work=$(mktemp -d)
server=
finish() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap finish EXIT

admin=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
go -C "$here/../.." build -o "$work/server" ./examples/server
SECKILL_SERVER_ADMIN_TOKEN=$admin "$work/server" -addr 127.0.0.1:0 >"$work/out" 2>"$work/err" &
server=$!
for _ in $(seq 300); do
	if grep -q 'open at' "$work/out" || ! kill -0 "$server" 2>/dev/null; then break; fi
	sleep 0.1
done
url=$(sed -n 's/.*open at \(http:[^ ]*\).*/\1/p' "$work/out" | head -1)
if [ -z "$url" ]; then
	cat "$work/out" "$work/err"
	exit 1
fi

bearer() { printf 'Authorization: Bearer %s' "$1"; }
buyer=$(curl -sf -X POST "$url/api/auth/token?user_id=alice" | sed 's/.*"token":"\([^"]*\)".*/\1/')
# Tickets enough for a buyer who asks some thousand times.
curl -sf -o "$work/rate" -X POST "$url/api/admin/config/rate_limit?limit=1000000" -H "$(bearer "$admin")"

against() { # TOKEN OPTION...
	local token=$1
	shift
	(cd "$work" && PYTHONPATH=$here SCHEMATHESIS_HOOKS=checks "$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" \
		run "$url/api/openapi.yaml" --url "$url" --header "$(bearer "$token")" --no-color --seed "${SEED:-1}" --max-time 50 "$@")
}

against "$buyer" --exclude-tag admin
against "$admin" --include-tag admin
