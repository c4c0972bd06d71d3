package shmlab

// reaching returns always, if there is one, as a check that takes note of the
// states that the lab's Reach declares: they are looked for at every point.
func (b *Bench) reaching(always func() error) func() error {
	return func() error {
		for i, is := range b.program.reach {
			if b.reached>>i&1 == 0 && is(b.memory.state()) {
				b.reached |= 1 << i
			}
		}
		if always == nil {
			return nil
		}
		return always()
	}
}

// Unreached returns the states of the lab's Reach that no run has come to so far.
func (b *Bench) Unreached() (names []string) {
	for i, name := range b.program.Reach {
		if b.reached>>i&1 == 0 {
			names = append(names, name)
		}
	}
	return names
}
