package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

// mistake is an error of whoever started the server, who can mend it.
type mistake struct{ error }

func mistakef(format string, args ...any) error { return mistake{fmt.Errorf(format, args...)} }

// command is what the command line and the environment ask for.
type command struct {
	help  bool
	usage string // to print for help
	addr  string
	data  string
	dev   bool
	// hosts are the only names under which the APIs and the console are served; none
	// means all.
	hosts []string
	// embedded says that the backends run inside the process; conf then has the
	// sections server and log only.
	embedded bool
	conf     conf.Config
}

func parse(args, environ []string) (command, error) {
	var c command
	var file string
	var usage strings.Builder
	f := flag.NewFlagSet("server", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&file, "config", "", "read the backends' addresses from this YAML `file` (default: everything inside the process)")
	f.StringVar(&c.addr, "addr", "", "listen on this `host:port` (default 127.0.0.1:8000, or what the configuration says)")
	f.StringVar(&c.data, "data", "", "keep etcd, the database and the keys in this `folder` (default: forget them)")
	f.BoolVar(&c.dev, "dev", false, "let everybody log in as anybody, on a loopback address only (default: true without -config)")
	f.Func("hosts", "serve the APIs and the console only under these `names`, without ports and with commas between them (default: all)", c.setHosts)
	f.Usage = func() {}
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(&usage, "Usage: server [flags]\n       server reconcile -h\n")
		f.SetOutput(&usage)
		f.PrintDefaults()
		c.help, c.usage = true, usage.String()
		return c, nil
	case err != nil:
		return c, mistakef("%w; -h lists the flags", err)
	case f.NArg() > 0:
		return c, mistakef("want no arguments besides flags, got %q; the one command is reconcile; -h lists the flags", f.Args())
	}
	set, err := given(f)
	if err != nil {
		return c, err
	}
	c.embedded = !set["config"]
	if !set["dev"] {
		c.dev = c.embedded
	}
	return c, c.configure(file, environ)
}

// given returns the flags that are on the command line. One without a value, such as
// a shell variable that is not set, must not pass for one that was left out.
func given(f *flag.FlagSet) (map[string]bool, error) {
	set := make(map[string]bool)
	var faults []error
	f.Visit(func(f *flag.Flag) {
		set[f.Name] = true
		if f.Name != "hosts" && f.Value.String() == "" {
			faults = append(faults, fmt.Errorf("-%s: want a value, got none", f.Name))
		}
	})
	if len(faults) > 0 {
		return nil, mistake{errors.Join(faults...)}
	}
	return set, nil
}

func (c *command) setHosts(list string) error {
	c.hosts = strings.Split(list, ",")
	for _, name := range c.hosts {
		if _, _, err := net.SplitHostPort(name); err == nil || name == "" || strings.ContainsAny(name, " /*@[]") {
			return fmt.Errorf("want names or addresses without ports and with commas between them, got %q", name)
		}
	}
	return nil
}

// configure reads the configuration, and checks what does not go together.
func (c *command) configure(file string, environ []string) (err error) {
	if c.embedded {
		c.conf, err = conf.Environment(environ)
	} else {
		c.conf, err = conf.Load(file, environ)
	}
	if err != nil {
		err = fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	if c.data != "" && !c.embedded {
		err = errors.Join(err, errors.New("-data: want it without -config: backends outside keep their data themselves"))
	}
	if c.data != "" {
		if made := os.MkdirAll(c.data, 0o700); made != nil {
			err = errors.Join(err, fmt.Errorf("-data: %w", made))
		}
	}
	if c.addr == "" {
		c.addr = c.conf.Server.Address()
	}
	if err != nil {
		return mistake{err}
	}
	return nil
}

// listen takes the address. Everything that stands in the way is a mistake.
func (c *command) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return nil, mistakef("-addr %s: %w", c.addr, err)
	}
	if c.dev && !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		l.Close()
		return nil, mistakef("-dev: want a loopback address, got %s, where everybody could log in as anybody; say -dev=false", c.addr)
	}
	return l, nil
}

func newLogger(w io.Writer, l conf.Log) *slog.Logger {
	o := &slog.HandlerOptions{Level: l.Level}
	log := slog.New(slog.NewTextHandler(w, o))
	if l.Format == "json" {
		log = slog.New(slog.NewJSONHandler(w, o))
	}
	redis.SetLogger(redisLog{log}) // go-redis writes to the terminal otherwise
	return log
}

// redisLog logs what go-redis says beside the errors that it returns.
type redisLog struct{ to *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.to.DebugContext(ctx, "redis: "+fmt.Sprintf(format, args...))
}
