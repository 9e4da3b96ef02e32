package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/programtest"
)

var binary string

func TestMain(m *testing.M) {
	if status, ok := programtest.IsCurl(); ok {
		os.Exit(status)
	}
	os.Exit(programtest.Run(m, &binary))
}

const token = "an-operators-token-of-128-bits"

// open starts the shop and returns where it is.
func open(t *testing.T) (url string, stop func()) {
	t.Helper()
	var out, faults programtest.Output
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "SECKILL_ADMIN_TOKEN="+token, "TMPDIR="+t.TempDir())
	cmd.Stdout, cmd.Stderr = &out, &faults
	ended := programtest.Start(t, cmd)
	opened := regexp.MustCompile(`open at (http://\S+)\n`)
	require.Eventually(t, func() bool {
		select {
		case <-ended:
			return true
		default:
			return opened.MatchString(out.String())
		}
	}, 30*time.Second, 5*time.Millisecond)
	m := opened.FindStringSubmatch(out.String())
	require.NotNil(t, m, faults.String())
	return m[1], func() {
		t.Helper()
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			t.Fatal("the shop does not end")
		}
		require.Zero(t, cmd.ProcessState.ExitCode(), faults.String())
	}
}

// The commands that go to the shop; how it is started is above. The Chinese page
// has the same ones: a rule of internal/housetest.
func TestTheQuickstartsCommandsAnswerAsItSays(t *testing.T) {
	url, stop := open(t)
	var mine []programtest.Block
	for _, b := range programtest.Blocks(t, "../../docs/quickstart.md") {
		if b.Language != "bash" || strings.Contains(b.Text, "SHOP") {
			mine = append(mine, programtest.Block{Language: b.Language, Text: strings.NewReplacer(
				"http://127.0.0.1:8080", url, "the-token-that-was-printed", token,
			).Replace(b.Text)})
		}
	}
	require.Equal(t, 5, programtest.Follow(t, mine, programtest.WithCurl(t)))
	stop()
}

func TestWithoutAnOperatorsTokenTheShopDoesNotOpen(t *testing.T) {
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "SECKILL_ADMIN_TOKEN=", "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "AdminToken")
}
