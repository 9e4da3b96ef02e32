package kafkaserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seckill-go/seckill/internal/kafkaserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTopicsKeepNoMoreThanTheyMay(t *testing.T) {
	server, err := kafkaserver.Start(kafkaserver.Options{
		Brokers: 2, Topics: []string{"a", "b"}, Partitions: 1, RetentionBytes: 1 << 20,
	})
	require.NoError(t, err)
	defer server.Close()
	require.Len(t, server.Brokers, 2)
	require.Len(t, server.Cluster.PartitionInfos("b"), 1)

	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	w := &kafka.Writer{Addr: kafka.TCP(server.Brokers...), Topic: "a", BatchTimeout: time.Millisecond, Transport: transport}
	defer w.Close()
	for range 40 {
		require.NoError(t, w.WriteMessages(t.Context(), kafka.Message{Value: []byte(strings.Repeat("x", 100<<10))}))
	}
	server.Cluster.ApplyRetention()
	kept := server.Cluster.PartitionInfos("a")[0]
	require.Positive(t, kept.LogStartOffset)
	require.LessOrEqual(t, kept.NumBytes, int64(1<<20))
}

func TestATopicIsMadeOnce(t *testing.T) {
	_, err := kafkaserver.Start(kafkaserver.Options{Topics: []string{"a", "a"}})
	require.ErrorContains(t, err, "topic a")
}
