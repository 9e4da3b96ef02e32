package conf

import (
	"slices"
	"strings"
)

// fromEnv returns what the environment gives. A variable under the prefix of a
// section that names no key of it is a mistake.
func fromEnv(environ []string) (map[string]given, []fault) {
	values := make(map[string]given)
	var faults []fault
	for _, pair := range slices.Sorted(slices.Values(environ)) {
		variable, value, _ := strings.Cut(pair, "=")
		name, ok := keyOf(variable)
		switch {
		case !ok || value == "":
		case !known(name):
			section, _, _ := strings.Cut(name, ".")
			faults = append(faults, fault{inEnvironment, variable + ": unknown key, want one of " + namesOf(section)})
		default:
			values[name] = given{value: value, from: variable, line: inEnvironment}
		}
	}
	return values, faults
}

// alias is the one variable outside the scheme: the admin token is also for
// somebody who starts the server without a file.
const alias = "SECKILL_ADMIN_TOKEN"

// keyOf returns the key that a variable names, if it has the prefix of a section.
func keyOf(variable string) (string, bool) {
	if name, ok := strings.CutPrefix(variable, alias); ok && (name == "" || name == "_FILE") {
		return "server.admin_token" + strings.ToLower(name), true
	}
	name, ok := strings.CutPrefix(variable, "SECKILL_")
	section, rest, cut := strings.Cut(strings.ToLower(name), "_")
	return section + "." + rest, ok && cut && slices.Contains(sections(), section)
}

// known reports whether there is such a key, also with _file behind it.
func known(name string) bool {
	return slices.ContainsFunc(new(Config).table(), func(k key) bool {
		return name == k.name || name == k.name+"_file"
	})
}

// sections returns the names of the sections in their order.
func sections() []string {
	var all []string
	for _, k := range new(Config).table() {
		section, _, _ := strings.Cut(k.name, ".")
		all = append(all, section)
	}
	return slices.Compact(all)
}

// namesOf lists the keys of a section, for a person.
func namesOf(section string) string {
	var all []string
	for _, k := range new(Config).table() {
		if name, ok := strings.CutPrefix(k.name, section+"."); ok {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}
