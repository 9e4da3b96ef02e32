package clients

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

// openEtcd opens the client and reads a key through the quorum. With a user's
// name, opening already logs in.
func (c *Clients) openEtcd(ctx context.Context, e conf.Etcd) (err error) {
	if c.Etcd == nil {
		c.Etcd, err = clientv3.New(clientv3.Config{
			Endpoints: e.Host, Username: e.Username, Password: string(e.Password),
			DialTimeout: e.DialTimeout, DialKeepAliveTime: 5 * time.Second, DialKeepAliveTimeout: 3 * time.Second,
			Logger: zap.NewNop(), // errors are returned
		})
		if err != nil {
			return err
		}
	}
	_, err = c.Etcd.Get(ctx, "seckill")
	if errors.Is(err, rpctypes.ErrPermissionDenied) {
		return nil // it answers, and this key is not what the user is for
	}
	return err
}
