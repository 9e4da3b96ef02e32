package housetest_test

import (
	"os"
	"slices"
	"testing"
	"testing/fstest"
)

// rule is one promise. breach is the smallest tree that breaks it: a rule that
// cannot fail is no rule.
type rule struct {
	name   string
	faults func(*tree) []string
	breach map[string]string
}

func rules() []rule {
	return slices.Concat(importRules, codeRules, docRules, mirrorRules, commandRules, nameRules)
}

func TestTheHouseKeepsItsRules(t *testing.T) {
	house := read(t, os.DirFS("../.."))
	if len(house.packages) < 10 {
		t.Fatalf("want the whole repository, found %d packages", len(house.packages))
	}
	for _, rule := range rules() {
		t.Run(rule.name, func(t *testing.T) {
			for _, fault := range rule.faults(house) {
				t.Error(fault)
			}
		})
	}
}

func TestEachRuleCatchesItsBreach(t *testing.T) {
	for _, rule := range rules() {
		t.Run(rule.name, func(t *testing.T) {
			breach := fstest.MapFS{}
			for path, text := range rule.breach {
				breach[path] = &fstest.MapFile{Data: []byte(text)}
			}
			if len(rule.faults(read(t, breach))) == 0 {
				t.Error("the rule does not see its breach")
			}
		})
	}
}
