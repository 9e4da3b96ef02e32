// Package kafkaserver runs a small cluster of the Kafka protocol inside the
// process, on loopback ports of its own. It keeps its records in memory.
package kafkaserver

import (
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Options say what is there when Start returns.
type Options struct {
	// Brokers is how many brokers the cluster has. Zero means 1.
	Brokers int
	// Topics are made with Partitions each. Zero partitions means 6.
	Topics     []string
	Partitions int
	// RetentionBytes is how much each partition keeps; what is older goes within
	// seconds, read or not. Zero means 64 MiB.
	RetentionBytes int
}

// Server is a running cluster.
type Server struct {
	// Brokers are the addresses, "127.0.0.1:port".
	Brokers []string
	// Cluster is for tests that break it.
	Cluster *kfake.Cluster
}

// Start runs a cluster.
func Start(o Options) (*Server, error) {
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(max(1, o.Brokers)),
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": "5000"}),
	)
	if err != nil {
		return nil, fmt.Errorf("start kafka: %w", err)
	}
	s := &Server{Brokers: cluster.ListenAddrs(), Cluster: cluster}
	for _, topic := range o.Topics {
		if err := s.create(topic, o); err != nil {
			cluster.Close()
			return nil, fmt.Errorf("start kafka: create topic %s: %w", topic, err)
		}
	}
	return s, nil
}

// create makes a topic whose segments are an eighth of what it keeps: memory is
// freed by whole segments.
func (s *Server) create(topic string, o Options) error {
	keep, partitions := o.RetentionBytes, o.Partitions
	if keep <= 0 {
		keep = 64 << 20
	}
	if partitions <= 0 {
		partitions = 6
	}
	return s.Cluster.CreateTopic(topic, int32(partitions), map[string]string{
		"retention.bytes": strconv.Itoa(keep),
		"segment.bytes":   strconv.Itoa(keep / 8),
	})
}

// Close stops the cluster; its records are gone.
func (s *Server) Close() { s.Cluster.Close() }
