// Package realtest gives tests with build tag real the servers of `make
// cluster-up`, and each test a keyspace of its own there.
//
// Other servers are named by SECKILL_TEST_REDIS, SECKILL_TEST_ETCD and
// SECKILL_TEST_KAFKA (host:port, several with commas) and SECKILL_TEST_MYSQL (a
// data source name of a user who may make databases). A server that does not
// answer fails the test.
package realtest
