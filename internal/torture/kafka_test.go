//go:build unix

package torture_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// leaveGroup ends the membership of a dead node in the consumer group. Kafka does so
// by itself when the session is over, 10 s later; the embedded one may wait for ever
// for a member that died while it joined.
func (s *shop) leaveGroup(clientID string) {
	c := &kafka.Client{Addr: kafka.TCP(s.spec.Brokers...), Timeout: 5 * time.Second}
	groups, err := c.DescribeGroups(s.t.Context(), &kafka.DescribeGroupsRequest{GroupIDs: []string{s.spec.Prefix}})
	if err != nil || len(groups.Groups) == 0 {
		return // Kafka is away, or there is no group yet
	}
	leave := &kafka.LeaveGroupRequest{GroupID: s.spec.Prefix}
	for _, m := range groups.Groups[0].Members {
		if strings.HasPrefix(m.MemberID, clientID+"-") {
			leave.Members = append(leave.Members, kafka.LeaveGroupRequestMember{ID: m.MemberID})
		}
	}
	if len(leave.Members) > 0 {
		_, err := c.LeaveGroup(s.t.Context(), leave)
		s.history.Mark("kafka", fmt.Sprintf("%s leaves the group: %v", clientID, err))
	}
}

// writeGroup leaves in the evidence who reads which partition of the payment topic,
// and how far each has come.
func (s *shop) writeGroup() {
	var b strings.Builder
	c := &kafka.Client{Addr: kafka.TCP(s.spec.Brokers...)}
	groups, err := c.DescribeGroups(s.t.Context(), &kafka.DescribeGroupsRequest{GroupIDs: []string{s.spec.Prefix}})
	fmt.Fprintln(&b, "describe:", err)
	if err == nil {
		for _, g := range groups.Groups {
			fmt.Fprintf(&b, "group %s is %s, %v\n", g.GroupID, g.GroupState, g.Error)
			for _, m := range g.Members {
				fmt.Fprintf(&b, "member %s: %+v\n", m.MemberID, m.MemberAssignments.Topics)
			}
		}
	}
	ids := []int{0, 1, 2, 3, 4, 5}
	done, err := c.OffsetFetch(s.t.Context(), &kafka.OffsetFetchRequest{GroupID: s.spec.Prefix, Topics: map[string][]int{s.spec.Payment: ids}})
	if err != nil {
		fmt.Fprintln(&b, "offsets:", err)
	} else {
		fmt.Fprintf(&b, "committed: %+v\n", done.Topics)
	}
	var ends []kafka.OffsetRequest
	for _, id := range ids {
		ends = append(ends, kafka.LastOffsetOf(id))
	}
	last, err := c.ListOffsets(s.t.Context(), &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{s.spec.Payment: ends}})
	if err != nil {
		fmt.Fprintln(&b, "ends:", err)
	} else {
		fmt.Fprintf(&b, "ends: %+v\n", last.Topics)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "kafka.txt"), []byte(b.String()), 0o600); err != nil {
		s.t.Error(err)
	}
}
