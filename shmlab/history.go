package shmlab

import "shmrace/shmlab/trace"

// hear keeps what a judge of the run's operations wants to know.
func (s *scheduler) hear(i int, k trace.Kind, note string) {
	if s.judged {
		s.history = append(s.history, trace.Event{Kind: k, Step: len(s.decisions), Actor: trace.Actor(i), Note: note})
	}
}

// judgeHistory asks the setting's judge about a run that holds so far.
func (b *Bench) judgeHistory() {
	s := &b.sched
	if !s.judged || s.verdict != trace.Holds {
		return
	}
	t := &trace.Trace{Schedule: b.Schedule(Run{Decisions: s.decisions}), Events: s.history}
	if verdict, reason := b.setting.Judge(t); verdict != trace.Holds {
		s.end(verdict, reason)
	}
}
