# shellcheck shell=bash
# MariaDB or MySQL, whichever is there: one server. Its root password is conf.yaml's, or SECKILL_DATABASE_PASSWORD.

mysql_needs() {
	need mariadb-server mariadbd mysqld
	need mariadb-client mariadb mysql
}

mysql_nodes() { echo "$MYSQL_PORT"; }

mysql_ports() { echo "$1"; } # PORT

first_of() { # PROGRAM...
	local program
	for program in "$@"; do
		if command -v "$program"; then return; fi
	done
}

mysql_up() {
	local server
	server=$(first_of mariadbd mysqld)
	mkdir -p "$data/mysql"
	mysql_accounts
	[ -d "$data/mysql/data" ] || mysql_make "$server"
	say mysql "starting ${server##*/}, port $MYSQL_PORT"
	spawn "mysql-$MYSQL_PORT" "$server" --defaults-file="$native/mysql/my.cnf" \
		--port="$MYSQL_PORT" --datadir="$data/mysql/data" --init-file="$data/mysql/init.sql" --user="$(id -un)"
	await mysql
}

mysql_make() { # SERVER: an empty data folder, whole or not at all
	local new=$data/mysql/new
	rm -rf "$new"
	if command -v mariadb-install-db >/dev/null; then # a script that trips over spaces in a path
		patiently mysql "making an empty database" "$log/mysql-make.log" env -C "$data/mysql" mariadb-install-db --no-defaults \
			--user="$(id -un)" --datadir=./new --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve
	else # on Ubuntu, AppArmor may keep MySQL's own server out of this folder; the log says so
		patiently mysql "making an empty database" "$log/mysql-make.log" "$1" --no-defaults \
			--initialize-insecure --user="$(id -un)" --datadir="$new"
	fi
	mv "$new" "$data/mysql/data"
}

mysql_accounts() { (umask 077 && mysql_credentials "$data/mysql" >"$data/mysql/init.sql"); }

# mysql_credentials writes how to log in into a folder, and prints what the server runs at each start before it lets
# clients in. A statement is a line there.
mysql_credentials() { # FOLDER
	local password=${SECKILL_DATABASE_PASSWORD:-123456}
	[[ $password =~ ^[[:print:]]+$ && $password != *[\'\"\\]* ]] || die mysql "SECKILL_DATABASE_PASSWORD: want no quotes and no backslashes in it"
	(umask 077 && printf '[client]\nuser=root\npassword="%s"\n' "$password" >"$1/client.cnf")
	cat <<-E
		CREATE DATABASE IF NOT EXISTS seckill_db CHARACTER SET utf8mb4;
		CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '$password';
		ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '$password';
		ALTER USER 'root'@'localhost' IDENTIFIED BY '$password';
		GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
	E
}

mysql_ask() { # STATEMENT
	timeout 5 "$(first_of mariadb mysql)" --defaults-extra-file="$data/mysql/client.cnf" --protocol=tcp \
		-h 127.0.0.1 -P "$MYSQL_PORT" -N -B seckill_db -e "$1" 2>/dev/null
}

mysql_ready() {
	local answer
	answer=$(mysql_ask 'SELECT 1, VERSION()') || return 1
	fact="answers, ${answer#*$'\t'}, database seckill_db"
	[[ $answer == 1$'\t'* ]]
}

mysql_role() { # PORT
	if mysql_ready; then role=$fact; else role="no answer"; fi
}
