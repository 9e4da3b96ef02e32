# shellcheck shell=bash
# Apache Kafka: three brokers that are controllers too (KRaft).

kafka_needs() {
	local jre=openjdk-17-jre-headless
	apt-cache show $jre >/dev/null 2>&1 || jre=default-jre-headless
	need $jre java
	if [ -z "${KAFKA_HOME:-}" ] && [ ! -d "$(kafka_jars)" ]; then need maven mvn; fi
}

kafka_nodes() { seq "$KAFKA_PORT" 2 $((KAFKA_PORT + 4)); }

kafka_ports() { echo "$1" $(($1 + 1)); } # PORT

kafka_id() { echo $((($1 - KAFKA_PORT) / 2 + 1)); } # PORT

kafka_version() { sed -n 's,.*<kafka.version>\(.*\)</kafka.version>.*,\1,p' "$native/kafka/pom.xml"; }

kafka_jars() {
	if [ -n "${KAFKA_HOME:-}" ]; then echo "$KAFKA_HOME/libs"; else echo "$software/kafka-$(kafka_version)"; fi
}

kafka_up() {
	local port
	kafka_get
	say kafka "starting 3 brokers, ports $(kafka_nodes | paste -sd ' '); the port behind each is its controller's"
	for port in $(kafka_nodes); do kafka_format "$port" & done
	wait # all, before one of them fails below
	for port in $(kafka_nodes); do
		[ -f "$data/kafka/$port/meta.properties" ] || failed kafka "no storage for the broker $port" "$log/kafka-format.log"
		spawn "kafka-$port" java -Xms128m -Xmx384m -XX:+UseSerialGC -Djava.awt.headless=true \
			-Dlog4j2.configurationFile="$native/kafka/log4j2.xml" \
			-cp "$(kafka_jars)/*" kafka.Kafka "$data/kafka/$port.properties"
	done
	await kafka
}

kafka_get() {
	local jars major
	jars=$(kafka_jars)
	major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
	((${major:-0} >= 17)) || die kafka "the java of this PATH is version ${major:-unknown}: Kafka wants 17 or newer"
	if [ -d "$jars" ]; then return; fi
	[ -z "${KAFKA_HOME:-}" ] || die kafka "KAFKA_HOME=$KAFKA_HOME has no folder libs"
	rm -rf "$jars.part"
	patiently kafka "getting Apache Kafka $(kafka_version)" "$log/kafka-get.log" \
		mvn -B -q -f "$native/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$jars.part"
	mv "$jars.part" "$jars"
}

# kafka_tool runs one of Kafka's own commands: short-lived, so without much optimising.
kafka_tool() {
	timeout 30 java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(kafka_jars)/*" "$@" 9>&-
}

kafka_format() { # PORT
	local port=$1 voters
	if [ -f "$data/kafka/$port/meta.properties" ]; then return; fi
	mkdir -p "$data/kafka"
	voters=$(for p in $(kafka_nodes); do echo "$(kafka_id "$p")@127.0.0.1:$((p + 1))"; done | paste -sd ,)
	{
		cat "$native/kafka/server.properties"
		echo "node.id=$(kafka_id "$port")"
		echo "listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))"
		echo "controller.quorum.voters=$voters"
		echo "log.dirs=$data/kafka/$port"
	} >"$data/kafka/$port.properties"
	kafka_tool kafka.tools.StorageTool format --cluster-id c2Vja2lsbC1uYXRpdmUtMQ --config "$data/kafka/$port.properties" >>"$log/kafka-format.log" 2>&1
}

kafka_topic() {
	kafka_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$(kafka_nodes | sed 's,^,127.0.0.1:,' | paste -sd ,)" \
		--topic cluster-probe "$@" 2>>"$log/kafka-probe.log"
}

# kafka_insync says which brokers keep the probe topic up to date, as "1,2,3".
kafka_insync() { kafka_topic --describe --if-exists | sed -n 's/.*Isr: \([0-9,]*\).*/\1/p'; }

kafka_ready() {
	local port
	insync=
	for port in $(kafka_nodes); do taken "$port" || return 1; done
	insync=$(kafka_insync) || return 1
	if [ -z "$insync" ]; then
		kafka_topic --create --if-not-exists --partitions 1 --replication-factor 3 >>"$log/kafka-probe.log" || return 1
		insync=$(kafka_insync) || return 1
	fi
	fact="a topic on 3 brokers, in sync: $insync"
	[ "${#insync}" = 5 ]
}

kafka_role() { # PORT
	[ -n "$insync" ] || insync=$(kafka_insync) || insync="no answer"
	case $insync in
	*"$(kafka_id "$1")"*) role="in sync" ;;
	*) role="not in sync" ;;
	esac
}
