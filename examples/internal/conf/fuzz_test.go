package conf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seckill-go/seckill/examples/internal/conf"
)

// FuzzConfig shows that no text makes the reader panic, that every mistake says
// where it is, and that a configuration that was read can be listened on and
// printed without its secrets.
func FuzzConfig(f *testing.F) {
	f.Add(whole)
	f.Add(enough)
	for _, m := range mistakes {
		f.Add(m.text)
	}
	f.Add("a: &x {b: *x}\n<<: *x")
	f.Add("? [a]\n: b")
	f.Add("%YAML 1.2\n---\nlog: !!map {level: !!str info}")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "_file") {
			return // names files of the machine
		}
		c, err := conf.Parse("conf.yaml", text, nil)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.Contains(line, ": ") {
					t.Errorf("mistake without a place: %q", line)
				}
			}
			return
		}
		if c.Server.Port < 1 || c.Server.Host == "" || len(c.Etcd.Host) == 0 || (c.Redis.Addr == "") == (c.Redis.ClusterNodes == nil) {
			t.Errorf("accepted %+v", c)
		}
		if p := string(c.Database.Password); len(p) > 12 && strings.Contains(fmt.Sprintf("%+v", c), p) {
			t.Errorf("shows the password in %+v", c)
		}
	})
}
