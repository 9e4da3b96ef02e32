module github.com/seckill-go/seckill/client

go 1.26.0
