#!/bin/sh
# Makes the secrets that deploy/compose.yaml mounts, each in a file of its own. A file that is there stays as it is.
#
#   deploy/docker/make-secrets.sh
#
# The programs in the containers have user ids of their own and must be able to read the files, so these are readable for
# all; the folder around them is not.
set -eu
cd "$(dirname "$0")/secrets"
chmod 0700 .

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
plain() { random 24 | tr '+/' '-_'; }
keep() {
	[ -s "$1" ] || printf '%s\n' "$2" >"$1"
	chmod 0444 "$1"
}

keep database_password "$(plain)"
keep database_root_password "$(plain)"
keep redis_password "$(plain)"
keep admin_token "$(plain)"
keep ticket_keys "k1:$(random 32)"
keep session_keys "k1:$(random 32)"
keep webhook_secret "whsec_$(random 32)"
keep grafana_password "$(plain)"
echo "The secrets are in $PWD; the admin token is in admin_token."
