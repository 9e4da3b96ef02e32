// Package gates holds the engine to what its backends may be asked for: so many
// statements, commits, commands and requests for an order, and none at all for a
// buyer who is refused. The numbers are counts, and no speed is asked for: on a
// slow machine the work that an engine does by the clock is allowed for.
package gates
