package clients

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
)

// definite is an error that trying again does not mend.
type definite struct{ error }

func (d definite) Unwrap() error { return d.error }

// cause returns why a server could not be used: what the server said or, as some
// clients only say that their time is over, what is found at its addresses.
func cause(ctx context.Context, addresses []string, err error) error {
	if _, ok := errors.AsType[definite](err); ok || refused(err) {
		return definite{err}
	}
	found := look(ctx, addresses)
	if _, ok := errors.AsType[definite](found); ok || found != nil && errors.Is(err, context.DeadlineExceeded) {
		return found
	}
	return err
}

// refused reports whether the server has answered, and will not have this client:
// a wrong name, password or right, or a connection without TLS.
func refused(err error) bool {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		// Access denied to a database, by a password, by a plugin; a host that may not
		// connect; a connection without TLS.
		return slices.Contains([]uint16{1044, 1045, 1698, 1130, 3159}, e.Number)
	}
	for _, known := range []error{mysql.ErrNoTLS, rpctypes.ErrAuthFailed, rpctypes.ErrUserEmpty, rpctypes.ErrPermissionDenied} {
		if errors.Is(err, known) {
			return true
		}
	}
	for _, word := range []string{"WRONGPASS", "NOAUTH", "NOPERM", "ERR AUTH", "ERR invalid password"} { // Redis has no numbers
		if strings.Contains(err.Error(), word) {
			return true
		}
	}
	return false
}

// lookFor bounds a look at an address.
const lookFor = time.Second

// look connects to each address and says what is wrong there, or nil.
func look(ctx context.Context, addresses []string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookFor)
	defer cancel()
	faults := make([]error, len(addresses))
	var all sync.WaitGroup
	for i, address := range addresses {
		all.Go(func() { faults[i] = lookAt(ctx, address) })
	}
	all.Wait()
	return errors.Join(faults...)
}

func lookAt(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
			return definite{err}
		}
		return err
	}
	defer conn.Close()
	host, _, _ := net.SplitHostPort(address)
	err = tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}).HandshakeContext(ctx)
	_, certified := errors.AsType[*tls.CertificateVerificationError](err) // by whom does not matter here
	if err == nil || certified {
		return definite{fmt.Errorf("%s wants TLS", address)}
	}
	return nil
}
