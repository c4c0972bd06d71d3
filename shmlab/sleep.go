package shmlab

import "shmrace/shmlab/trace"

// In a stepped run the scheduler plays the kernel's part in futex calls: it
// knows who sleeps on which word and in which order they are woken.

// wait is a futex wait: it returns at once if the word has changed, and sleeps
// otherwise. Nothing comes between the two, as in the kernel.
func (s *scheduler) wait(i int) (goesOn bool) {
	a := &s.actors[i]
	a.taken = a.at.point
	if a.taken.inner && s.observer != nil {
		s.touch(&s.choice.touched, &a.taken)
	}
	if s.memory.load(a.taken.Off, a.taken.Size) != a.taken.want {
		a.at.reply, a.status = changed, running
		return true
	}
	a.status = asleep
	s.sleepers = append(s.sleepers, i)
	s.recorder.note(s, i, trace.Wait, "asleep")
	s.watch.note(s, i, trace.Wait)
	if s.appointed.is {
		s.place(i)
		return s.oversleeps(i)
	}
	return false
}

// wake is a futex wake: the first sleepers on the word go on.
func (s *scheduler) wake(a *actor) {
	a.at.reply = s.release(a.at.point.Off, int(a.at.point.count))
}

// release lets the first n sleepers on a word go on and returns how many there were.
func (s *scheduler) release(off uint32, n int) uint64 {
	s.roused = s.roused[:0]
	for _, i := range append([]int(nil), s.sleepers...) {
		if len(s.roused) == n {
			break
		}
		if s.actors[i].at.point.Off == off {
			s.rouse(i, woken)
			s.choice.held |= s.due & (1 << i)
			if !s.actors[i].stopped {
				s.onward = append(s.onward, i)
			}
			s.roused = append(s.roused, i)
			s.choice.woke |= 1 << i
		}
	}
	if s.observer != nil {
		s.choice.touched.add(SleepersOn(off), 1, len(s.roused) > 0, 0)
	}
	return uint64(len(s.roused))
}

// rouse ends actor i's sleep with the given answer.
func (s *scheduler) rouse(i int, reply uint64) {
	s.sleepers = without(s.sleepers, i)
	a := &s.actors[i]
	a.at.reply, a.status = reply, running
	a.taken = Point{}
}
