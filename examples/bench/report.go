package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

// report is everything that was measured; it is written as JSON as it stands.
type report struct {
	Machine    machine            `json:"machine"`
	Primitives primitives         `json:"primitives"`
	Runs       []run              `json:"runs"`
	Ratios     map[string]float64 `json:"ratios"`
	Checks     losses             `json:"checks"`
}

// primitives are what the machine and the backends do by themselves, a second.
type primitives struct {
	Hello       map[int]float64 `json:"hello"`
	HelloGet    float64         `json:"hello_get"`
	Evalsha     float64         `json:"evalsha"`
	BatchScript float64         `json:"batch_script"`
	Insert256   float64         `json:"insert256"`
	HotUpdate   float64         `json:"hot_update"`
	Commit      float64         `json:"commit"`
	EtcdMutex16 float64         `json:"etcd_mutex16"`
}

func (b *bench) report(m machine) report {
	p := primitives{
		Hello: make(map[int]float64), HelloGet: b.primitives["hello_get"], Evalsha: b.primitives["evalsha"], BatchScript: b.primitives["batch_script"],
		Insert256: b.primitives["insert256"], HotUpdate: b.primitives["hot_update"], Commit: b.primitives["commit"],
		EtcdMutex16: b.primitives["etcd_mutex16"],
	}
	for _, buyers := range b.command.buyers {
		if r, ok := b.median(hello.with(buyers)); ok {
			p.Hello[buyers] = r.PerSecond
		}
	}
	m.Voided = b.voided
	return report{Machine: m, Primitives: p, Runs: b.figures(), Ratios: b.ratios(), Checks: b.losses}
}

func (r report) save(file string) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(content, '\n'), 0o644)
}

// print writes the report for people.
func (r report) print(w io.Writer) error {
	fmt.Fprintln(w, r.Machine)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\nwhat the backends do by themselves, a second\t\t\n")
	p := r.Primitives
	for _, line := range []struct {
		what string
		rate float64
	}{
		{"hello to a GET without a body", p.HelloGet},
		{"script of one order, 64 at a time", p.Evalsha},
		{"orders in scripts of 256", p.BatchScript},
		{"rows in durable inserts of 256", p.Insert256},
		{"transactions on one row, 64 at a time", p.HotUpdate},
		{"durable transactions, one at a time", p.Commit},
		{"hand-overs of an etcd mutex, 16 waiting", p.EtcdMutex16},
	} {
		fmt.Fprintf(t, "%s\t%.0f\t\n", line.what, line.rate)
	}
	t.Flush()
	r.printRuns(w)
	r.printRatios(w)
	_, err := fmt.Fprintln(w, "\nchecks: every order that a buyer was told of is in the database, once; database, Redis and Kafka agree")
	return err
}

func (r report) printRuns(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\npath\ttransport\tbuyers\t/s\t/hello\tp50 µs\tp99 µs\tCPU µs\tSQL\tcommits\tRedis\tKafka\tetcd\t\n")
	for _, one := range r.Runs {
		c := one.Calls
		fmt.Fprintf(t, "%s\t%s\t%d\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t%.4f\t%.4f\t%.4f\t%.4f\t%.5f\t\n",
			one.Path, one.Transport, one.Buyers, one.PerSecond, one.PerSecond/max(r.Primitives.Hello[one.Buyers], 1),
			one.P50, one.P99, one.CPU, c.SQL, c.Commit, c.Redis, c.Produce, c.Etcd)
	}
	t.Flush()
}

func (r report) printRatios(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\nratio\tmeasured\tmust\tgoal\treached\t\n")
	for _, target := range targets {
		if ratio, ok := r.Ratios[target.id]; ok {
			fmt.Fprintf(t, "%s\t%.2f\t%g\t%g\t%s\t\n", target.id, ratio, target.must, target.goal, target.meets(ratio))
		}
	}
	t.Flush()
}
