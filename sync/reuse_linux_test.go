package shmsync_test

import (
	"runtime"
	"testing"
	"time"

	"shmrace/shmlab"
)

// reusable are locks in memory that is somebody else's as soon as one who got the
// lock last has released it: whoever released it before may still be on its way
// out of Unlock.
var reusable = []struct {
	name         string
	lock, unlock func(s *arena, p *shmlab.Proc)
	memory       func(s *arena) []shmlab.Uint64
}{
	{"Mutex", func(s *arena, p *shmlab.Proc) { s.mutex.Lock(p) }, func(s *arena, p *shmlab.Proc) { s.mutex.Unlock(p) },
		func(s *arena) []shmlab.Uint64 { return wordsOf(&s.mutex) }},
	{"RobustMutex", func(s *arena, p *shmlab.Proc) { s.robust.Lock(p) }, func(s *arena, p *shmlab.Proc) { s.robust.Unlock(p) },
		func(s *arena) []shmlab.Uint64 { return wordsOf(&s.robust) }},
	{"Semaphore", func(s *arena, p *shmlab.Proc) { s.sem.Wait(p) }, func(s *arena, p *shmlab.Proc) { s.sem.Post(p) },
		func(s *arena) []shmlab.Uint64 { return wordsOf(&s.sem)[:1] }},
}

const reuses = 3000

func init() {
	roles["releases"] = func(s *arena, index, which int) {
		p, r := shmlab.NewProc(index), reusable[which]
		for n := range uint32(reuses) {
			for s.goOn.Load(p) != n+1 {
				runtime.Gosched()
			}
			r.lock(s, p)
			s.ready[index].Store(p, n+1)
			for begun := time.Now(); n%2 == 1 && time.Since(begun) < 30*time.Microsecond; { // the other falls asleep
			}
			r.unlock(s, p)
			s.result[index].Store(p, n+1)
		}
	}
}

// Nobody writes to a lock after releasing it: what is in the memory then stays as
// it is.
func TestReuseAfterUnlock(t *testing.T) {
	for i, r := range reusable {
		t.Run(r.name, func(t *testing.T) {
			st := newStage(t)
			words := r.memory(st.arena)
			c := st.start("releases", 1, i)
			const scribble = 0x5a5a5a5a5a5a5a5a
			for n := range uint32(reuses) {
				for k := range words {
					words[k].Init(0)
				}
				if r.name == "Semaphore" {
					st.sem.Init(1)
				}
				st.goOn.Store(st.p, n+1)
				for st.ready[1].Load(st.p) != n+1 {
					runtime.Gosched()
				}
				r.lock(st.arena, st.p) // when the other has released it
				r.unlock(st.arena, st.p)
				for k := range words {
					words[k].Init(scribble)
				}
				for st.result[1].Load(st.p) != n+1 {
					runtime.Gosched()
				}
				for k := range words {
					if got := words[k].Peek(); got != scribble {
						t.Fatalf("round %d: word %d is %#x, written after its release", n, k, got)
					}
				}
			}
			c.ended(false)
		})
	}
}
