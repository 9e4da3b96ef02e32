package programtest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// WithCurl returns an environment for a shell in which there is a curl. On a
// machine without one the test's own binary stands in for it, if its TestMain
// begins with [IsCurl].
func WithCurl(t testing.TB) []string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err == nil {
		return os.Environ()
	}
	return StandIn(t)
}

// StandIn is WithCurl on a machine without one.
func StandIn(t testing.TB) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "curl")); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// IsCurl reports whether the process was started as curl, and then has done what
// curl would: it ends with the status.
func IsCurl() (status int, ok bool) {
	if filepath.Base(os.Args[0]) != "curl" {
		return 0, false
	}
	return curl(os.Args[1:]), true
}

// curl does what the commands in documents want of it: -s, -X METHOD, -H HEADER,
// -d BODY, URL.
func curl(args []string) int {
	r, _ := http.NewRequest("GET", "http://127.0.0.1", nil)
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-s":
		case "-X":
			i++
			r.Method = args[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ":")
			r.Header.Set(name, strings.TrimSpace(value))
		case "-d":
			i++
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(args[i])), int64(len(args[i]))
		default:
			u, err := r.URL.Parse(args[i])
			if err != nil {
				return 3
			}
			r.URL, r.Host = u, u.Host
		}
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 7
	}
	defer w.Body.Close()
	io.Copy(os.Stdout, w.Body)
	return 0
}
