# shellcheck shell=bash
# Oracle's MySQL beside MariaDB, as Debian's unstable release has it. Its packages are unpacked, not installed, and it
# runs with their own C library: nothing of this machine changes. Only SERVICES=mysql97 brings it up.

mysql97_needs() {
	need mariadb-client mariadb mysql # asks it
	command -v dpkg-deb >/dev/null && command -v apt-get >/dev/null || die mysql97 "its packages are Debian's: want apt-get and dpkg-deb"
}

mysql97_nodes() { echo "$MYSQL97_PORT"; }

mysql97_ports() { echo "$1"; } # PORT

mysql97_up() {
	local home=$software/mysql97
	[ -x "$home/mysqld" ] || patiently mysql97 "fetching its packages" "$log/mysql97-fetch.log" mysql97_fetch "$home"
	mkdir -p "$data/mysql97"
	if [ ! -d "$data/mysql97/data" ]; then
		rm -rf "$data/mysql97/new"
		patiently mysql97 "making an empty database" "$log/mysql97-make.log" "$home/mysqld" --no-defaults \
			--initialize-insecure --user="$(id -un)" --datadir="$data/mysql97/new" --secure-file-priv=
		mv "$data/mysql97/new" "$data/mysql97/data"
	fi
	rm -f "$data/mysql97/mysql.sock.lock" # kill -9 leaves it, and then the server does not start
	(umask 077 && mysql_credentials "$data/mysql97" >"$data/mysql97/init.sql")
	say mysql97 "starting mysqld, port $MYSQL97_PORT"
	# Its defaults stay, above all REPEATABLE READ: the ledger asks for what it wants.
	spawn "mysql97-$MYSQL97_PORT" "$home/mysqld" --no-defaults --user="$(id -un)" --datadir="$data/mysql97/data" \
		--bind-address=127.0.0.1 --port="$MYSQL97_PORT" --socket="$data/mysql97/mysql.sock" --mysqlx=0 --secure-file-priv= \
		--pid-file="$data/mysql97/pid" --init-file="$data/mysql97/init.sql" --max-connections=300 --innodb-buffer-pool-size=256M
	await mysql97
}

# mysql97_fetch unpacks the server and all that it needs, C library and all: to apt, nothing is installed there.
mysql97_fetch() { # HOME
	local work=$1.new mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg deb loader
	rm -rf "$work"
	mkdir -p "$work"/{lists/partial,archives/partial,files}
	: >"$work/status"
	mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 -E '/debian/?$')
	echo "deb [signed-by=$keys] ${mirror:-http://deb.debian.org/debian} sid main" >"$work/sources.list"
	local apt=(apt-get -q -y -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o Dir::Etc::preferencesparts=/dev/null -o "Dir::State::lists=$work/lists" -o "Dir::State::status=$work/status"
		-o "Dir::Cache::archives=$work/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=true
		-o Acquire::Languages=none -o "APT::Sandbox::User=$(id -un)" --no-install-recommends)
	"${apt[@]}" update
	"${apt[@]}" --download-only install mysql-server-core
	for deb in "$work"/archives/*.deb; do
		[[ $(basename "$deb") == *perl* ]] || dpkg-deb -x "$deb" "$work/files"
	done
	loader=$(cd "$work/files" && find . -name 'ld-linux-*.so.*' | head -n 1)
	mv "$work" "$1"
	cat >"$1/mysqld" <<-S
		#!/bin/sh
		exec '$1/files/$loader' --library-path "\$(echo '$1'/files/usr/lib/*-linux-gnu)" '$1/files/usr/sbin/mysqld' "\$@" \\
			--lc-messages-dir='$1/files/usr/share/mysql'
	S
	chmod +x "$1/mysqld"
	"$1/mysqld" --no-defaults --version
}

mysql97_ask() { # STATEMENT
	timeout 5 "$(first_of mariadb mysql)" --defaults-extra-file="$data/mysql97/client.cnf" --protocol=tcp --skip-ssl \
		-h 127.0.0.1 -P "$MYSQL97_PORT" -N -B seckill_db -e "$1" 2>/dev/null
}

mysql97_ready() {
	local answer
	answer=$(mysql97_ask "SELECT 1, VERSION()") || return 1
	fact="answers, MySQL ${answer#*$'\t'}, database seckill_db"
	[[ $answer == 1$'\t'* ]]
}

mysql97_role() { # PORT
	if mysql97_ready; then role=$fact; else role="no answer"; fi
}
