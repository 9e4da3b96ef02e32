package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/seckill-go/seckill/standard"
)

// machine is where the figures come from.
type machine struct {
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	Memory   uint64            `json:"memory_bytes"`
	OS       string            `json:"os"`
	Go       string            `json:"go"`
	Backends string            `json:"backends"`
	Versions map[string]string `json:"versions"`
	// Idle is what part of it had nothing to do before the first figure.
	Idle float64 `json:"idle"`
	// Voided is how many rounds do not count, as hello moved by more than Steady, a
	// part of it.
	Voided int     `json:"voided"`
	Steady float64 `json:"steady"`
}

func cores() float64 { return float64(runtime.NumCPU()) }

// look reads what can be known; what cannot stays empty.
func look(ctx context.Context, c command, s standard.Clients) machine {
	m := machine{
		Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Backends: "embedded", Steady: c.steady, Versions: make(map[string]string),
	}
	if c.real {
		m.Backends = "real"
	}
	if info, err := cpu.Info(); err == nil && len(info) > 0 {
		m.CPU = info[0].ModelName
	}
	if memory, err := mem.VirtualMemory(); err == nil {
		m.Memory = memory.Total
	}
	if info, err := s.Redis.Info(ctx, "server").Result(); err == nil {
		m.Versions["redis"] = redisVersion(s.Redis, info)
	}
	if !c.real {
		m.Versions["redis"] = "in process"
	}
	query := "SELECT version()"
	if s.DB.Name() == "sqlite" {
		query = "SELECT 'SQLite ' || sqlite_version()"
	}
	var version string
	if s.DB.WithContext(ctx).Raw(query).Scan(&version).Error == nil {
		m.Versions["database"] = version
	}
	if status, err := s.Etcd.Status(ctx, s.Etcd.Endpoints()[0]); err == nil {
		m.Versions["etcd"] = fmt.Sprintf("%s, %d members", status.Version, len(s.Etcd.Endpoints()))
	}
	m.Versions["kafka"] = fmt.Sprintf("%d brokers", len(s.Kafka.Brokers))
	if c.goKafka {
		m.Versions["kafka"] += " inside the process"
	}
	return m
}

func redisVersion(client redis.UniversalClient, info string) string {
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(line, "redis_version:"); ok {
			if _, cluster := client.(*redis.ClusterClient); cluster {
				return strings.TrimSpace(v) + ", cluster"
			}
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func (m machine) String() string {
	return fmt.Sprintf("%d × %s, %.0f GiB, %s, %s; %s backends: Redis %s, %s, etcd %s, Kafka %s\nidle before the first figure: %.0f %%; rounds that do not count: %d",
		m.Cores, m.CPU, float64(m.Memory)/(1<<30), m.OS, m.Go, m.Backends,
		m.Versions["redis"], m.Versions["database"], m.Versions["etcd"], m.Versions["kafka"], 100*m.Idle, m.Voided)
}
