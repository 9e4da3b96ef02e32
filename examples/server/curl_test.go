package main_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/internal/programtest"
)

func TestTheStandInForCurlDoesWhatCurlDoes(t *testing.T) {
	t.Parallel()
	p := open(t, nil)
	shell := exec.Command("sh", "-c", strings.Join(printed(p)[:3], "\n"))
	shell.Env = programtest.StandIn(t)
	out, err := shell.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), `"state":"pending"`)
	p.stop(t)
}
