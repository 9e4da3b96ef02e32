package main

import "strings"

// Ask parses a command line, with spaces between.
func Ask(line string) (usage string, err error) {
	c, err := parse(strings.Fields(line))
	return c.usage, err
}
