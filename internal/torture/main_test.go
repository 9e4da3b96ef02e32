//go:build unix

package torture_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

var (
	kills     = flag.Int("kills", 2, "how often a node is killed at each point")
	rounds    = flag.Int("rounds", 3, "how often a node is killed at a random moment")
	cuts      = flag.Int("cuts", 50, "how often the database's answer to a COMMIT is lost")
	kafkaAway = flag.Duration("kafka-away", 3*time.Second, "how long Kafka does not answer")
	seed      = flag.Uint64("seed", 0, "what the random choices come from; 0 takes the time")
)

// abreast is how many shops are tortured at the same time. Most of their time they
// wait for the lease of a dead node to end.
const abreast = 8

func TestMain(m *testing.M) {
	if spec, ok := os.LookupEnv(nodeVariable); ok {
		if err := runNode(spec); err != nil {
			fmt.Fprintln(os.Stderr, "node:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	fmt.Printf("-kills %d -rounds %d -cuts %d -seed %d\n", *kills, *rounds, *cuts, *seed)
	if err := flag.Set("test.parallel", strconv.Itoa(abreast)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := m.Run()
	if err := closeServers(); err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}
