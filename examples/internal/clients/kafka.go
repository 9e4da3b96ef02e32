package clients

import (
	"context"

	"github.com/segmentio/kafka-go"
)

func (c *Clients) openKafka(ctx context.Context) error {
	client := kafka.Client{Addr: kafka.TCP(c.Kafka.Brokers...), Transport: c.Kafka.Transport}
	_, err := client.Metadata(ctx, &kafka.MetadataRequest{})
	return err
}
