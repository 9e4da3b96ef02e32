package seckill

// Parts returns the names of the engine's parts, by which [Engine.Ready] and
// [Status] tell of faults.
func (e *Engine) Parts() []string {
	parts := e.parts()
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	return names
}
