package standard_test

import (
	"context"
	"log"

	"github.com/redis/go-redis/v9"
	clientv3 "go.etcd.io/etcd/client/v3"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/standard"
)

// The clients are the shop's own, with the settings that matter here. It has no
// output, as the servers are not there.
func ExampleOptions() {
	db, err := gorm.Open(mysql.Open("shop:secret@tcp(10.0.0.1:3306)/shop"+
		"?interpolateParams=true&timeout=3s&readTimeout=10s&writeTimeout=10s&rejectReadOnly=true&parseTime=true&loc=UTC"),
		&gorm.Config{TranslateError: true, SkipDefaultTransaction: true})
	if err != nil {
		log.Fatal(err)
	}
	etcd, err := clientv3.New(clientv3.Config{Endpoints: []string{"10.0.0.2:2379"}})
	if err != nil {
		log.Fatal(err)
	}
	clients := standard.Clients{
		Redis: redis.NewUniversalClient(&redis.UniversalOptions{
			Addrs: []string{"10.0.0.3:7000"}, IsClusterMode: true, MaxRetries: -1, ContextTimeoutEnabled: true,
		}),
		Etcd:  etcd,
		DB:    db,
		Kafka: standard.Kafka{Brokers: []string{"10.0.0.4:9092"}},
	}
	if err := standard.Prepare(context.Background(), clients); err != nil { // makes tables and topics
		log.Fatal(err)
	}

	options, err := standard.Options(clients)
	if err != nil {
		log.Fatal(err)
	}
	engine, err := seckill.New(options)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(engine.Run(context.Background()))
}
