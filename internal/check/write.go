package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write leaves in a folder what a person needs who wants to know more: report.txt,
// history.jsonl, dump.json, and, if answers are not honest, answers.html, a drawing
// of the calls around the first one. It makes the folder.
func (r Report) Write(dir string, history []Op, dump Dump) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	var lines []byte
	for _, op := range history {
		line, err := json.Marshal(op)
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		lines = append(append(lines, line...), '\n')
	}
	all, err := json.MarshalIndent(dump, "", " ")
	faults := []error{
		err,
		os.WriteFile(filepath.Join(dir, "report.txt"), []byte(r.String()), 0o644),
		os.WriteFile(filepath.Join(dir, "history.jsonl"), lines, 0o644),
		os.WriteFile(filepath.Join(dir, "dump.json"), all, 0o644),
	}
	if r.figure != nil {
		faults = append(faults, r.figure.write(filepath.Join(dir, "answers.html")))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}
