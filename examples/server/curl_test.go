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

// The Chinese page has the same commands: a rule of internal/housetest.
func TestTheCommandsOfTheAPIsPageAnswerAsItSays(t *testing.T) {
	t.Parallel()
	blocks := programtest.Blocks(t, "../../docs/http-api.md")
	require.Equal(t, programtest.Block{Language: "bash", Text: "go run ./examples/server\n"}, blocks[0])
	for name, env := range map[string][]string{"curl": programtest.WithCurl(t), "its stand-in": programtest.StandIn(t)} {
		t.Run(name, func(t *testing.T) {
			p := open(t, nil)
			here := strings.NewReplacer("http://127.0.0.1:8000", p.url, "the-token-that-the-server-printed", p.adminToken)
			var mine []programtest.Block
			for _, b := range blocks[1:] {
				mine = append(mine, programtest.Block{Language: b.Language, Text: here.Replace(b.Text)})
			}
			require.Equal(t, 24, programtest.Follow(t, mine, env))
			p.stop(t)
		})
	}
}
