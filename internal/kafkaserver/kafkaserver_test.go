package kafkaserver_test

import (
	"bytes"
	"testing"

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
	w := &kafka.Writer{
		Addr: kafka.TCP(server.Brokers...), Topic: "a", BatchSize: 1, RequiredAcks: kafka.RequireAll, Transport: transport,
	}
	defer w.Close()
	records := make([]kafka.Message, 40)
	for i := range records {
		records[i].Value = bytes.Repeat([]byte("x"), 100<<10)
	}
	require.NoError(t, w.WriteMessages(t.Context(), records...))
	server.Cluster.ApplyRetention()
	// Each record is a batch of its own, of 100 KiB and a header: 1 MiB has room for ten.
	kept := server.Cluster.PartitionInfos("a")[0]
	require.EqualValues(t, 40, kept.HighWatermark)
	require.EqualValues(t, 30, kept.LogStartOffset)
	require.LessOrEqual(t, kept.NumBytes, int64(1<<20))
}

func TestATopicIsMadeOnce(t *testing.T) {
	_, err := kafkaserver.Start(kafkaserver.Options{Topics: []string{"a", "a"}})
	require.ErrorContains(t, err, "topic a")
}
