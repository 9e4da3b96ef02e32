package main_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withCurl returns an environment for a shell in which there is a curl. On a
// machine without one the test's own binary stands in for it.
func withCurl(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("curl"); err == nil {
		return os.Environ()
	}
	return standIn(t)
}

func standIn(t *testing.T) []string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(dir, "curl")))
	return append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// curl does what the printed commands want of it: -s, -X METHOD, -H HEADER, URL.
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

func TestTheStandInForCurlDoesWhatCurlDoes(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	shell := exec.Command("sh", "-c", strings.Join(printed(p)[:3], "\n"))
	shell.Env = standIn(t)
	out, err := shell.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), `"state":"pending"`)
	p.stop(t)
}
