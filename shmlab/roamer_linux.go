package shmlab

import (
	"os"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"shmrace/shmlab/trace"
)

// A roamer is the port of an actor of a free run that meets its points: nobody
// holds it there, but what the plan says is done, and what it does is written
// down. Without plan and recording an actor of a free run has none.
type roamer struct {
	journal *journal
	page    *page
	rules   rules
	armed   []armed
	watched uint64 // the kinds of points at which there is something armed

	owed  uint32 // signals that came while their handler ran, as a set
	entry *entry // begun and not ended
	now   uint64 // the ticket taken last
	sites map[trail]uint32
}

// rules say what a free run's actors do at points.
type rules uint32

const (
	meets   rules = 1 << iota // they are met, for there is a plan
	records                   // accesses are written down, with tickets
	stacks                    // and their call stacks
)

// An armed is a snare that can catch this actor.
type armed struct {
	*snare
	number uint32
	met    uint64           // how often its actor came to where it is
	done   [MaxChain]uint32 // how often each action was
}

// prepare makes ready for a run of the actor with that index.
func (r *roamer) prepare(index int, rules rules) {
	r.page, r.rules, r.entry, r.now = &r.journal.pages[index], rules, nil, 0
	r.armed, r.watched, r.owed = r.armed[:0], 0, 0
	clear(r.sites)
	for i := range min(r.journal.traps, MaxTraps) {
		s := &r.journal.plan[i]
		if s.actor != int32(Anybody) && s.actor != int32(index) {
			continue
		}
		r.armed = append(r.armed, armed{snare: s, number: i})
		switch {
		case s.label[0] != 0:
			r.watched |= 1 << trace.Label
		case s.kind != trace.None:
			r.watched |= 1 << s.kind
		default:
			r.watched |= 1<<(trace.Yield+1) - 1
		}
	}
}

func (r *roamer) arrive(p *Proc) *seat {
	point := &p.at.point
	if r.watched>>point.Kind&1 != 0 && !point.inner {
		r.meet(p)
	}
	switch point.Kind {
	case trace.Get, trace.Set:
		if r.rules&records != 0 && len(p.steps) == 0 {
			r.write(p, point.Kind, point.Off, point.Size)
		}
	case trace.Yield:
		r.look(p)
		runtime.Gosched()
	case trace.Wait:
		if point.test == nothing {
			r.futex(p)
		}
	case trace.Wake:
		r.futex(p)
	}
	return nil
}

// futex does the futex call that p stands at.
func (r *roamer) futex(p *Proc) {
	point := p.at.point
	at := (*atomic.Uint32)(unsafe.Add(unsafe.Pointer(nil), p.base+uintptr(point.Off)))
	recorded := len(p.steps) == 0
	if point.Kind == trace.Wait {
		r.look(p)
	}
	if recorded {
		r.begin(p, point.Kind, point.Off, point.Size)
	}
	if point.Kind == trace.Wait {
		p.at.reply = replyOf(futexWait(at, uint32(point.want), p.until))
	} else if point.count > 0 {
		p.at.reply = uint64(futexWake(at, int(point.count)))
	} else {
		p.at.reply = 0
	}
	if recorded {
		r.end(false)
	}
	if point.Kind == trace.Wait {
		r.look(p)
	}
}

// meet does what the plan says of the point that p has come to.
func (r *roamer) meet(p *Proc) {
	point := &p.at.point
	for i := range r.armed {
		a := &r.armed[i]
		if !a.catches(point, p.at.text) {
			continue
		}
		a.met++
		if a.occurrence != 0 && a.met != uint64(a.occurrence) {
			continue
		}
		if n := a.choose(r.journal.seed, p.index); n >= 0 && a.chain[n].Deed != Off {
			a.done[n]++
			r.page.note(shot{a.number, uint32(n), a.met})
			r.do(p, &a.chain[n])
		}
	}
}

// catches reports whether a point is where the snare lies.
func (s *snare) catches(point *Point, text string) bool {
	if s.label[0] != 0 {
		return point.Kind == trace.Label && s.label[min(len(text), MaxLabel)] == 0 && string(s.label[:min(len(text), MaxLabel)]) == text
	}
	if s.kind != trace.None && s.kind != point.Kind || !point.Kind.Point() {
		return false
	}
	return s.high == 0 || point.Size > 0 && point.Off >= s.low && point.Off < s.high
}

// choose returns the number of the action in the chain that is to be done, or -1.
// A draw is a function of the seed and of what is drawn for: whoever else draws,
// and when, makes no difference.
func (a *armed) choose(seed uint64, actor int) int {
	for n := range a.chain[:min(a.length, MaxChain)] {
		action := &a.chain[n]
		if action.Count > 0 && a.done[n] >= uint32(action.Count) {
			continue
		}
		if action.Percent == 0 || draw(seed, uint64(a.number)<<32|uint64(n)<<16|uint64(actor), a.met)*100 < action.Percent {
			return n
		}
	}
	return -1
}

// draw returns a number from 0 to 1, 1 excluded, that depends on all of its
// arguments: the finalizer of SplitMix64 (Steele, Lea, Flood 2014, figure 15) on
// each in turn.
func draw(words ...uint64) float64 {
	x := uint64(0)
	for _, w := range words {
		x = (x ^ w) + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return float64(x>>11) / (1 << 53)
}

// note writes down what is about to be done: it may be a kill.
func (p *page) note(s shot) {
	n := p.fires.Load()
	if n < maxFired {
		p.fired[n] = s
	}
	p.final = s
	p.fires.Store(n + 1)
}

func (r *roamer) do(p *Proc, a *Action) {
	switch a.Deed {
	case StepBack:
		unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	case Delay:
		for end := monotonic() + int64(a.For); monotonic() < end; {
		}
	case Sleep:
		time.Sleep(a.For)
	case Hurt:
		r.hurt(p, a)
	}
}

// hurt does a fault to this process.
func (r *roamer) hurt(p *Proc, a *Action) {
	switch a.Fault {
	case trace.Stop:
		stopFor(a.For)
	case trace.Kill:
		if r.rules&records != 0 {
			r.begin(p, trace.Died, 0, 0)
		}
		unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGKILL) // does not return
	default:
		unix.Tgkill(os.Getpid(), unix.Gettid(), numbers[a.Fault]) // takes effect before it returns
		r.handle(p, a.Fault)
	}
}

// handle runs p's handler of a signal that it has sent itself, here and now; or,
// if that runs already, once more when it has returned.
func (r *roamer) handle(p *Proc, sig trace.Fault) {
	h := p.caught[sig]
	if h == nil {
		return
	}
	h.arrived.await() // also if it is held back: the handler may be another by then
	if p.running>>sig&1 != 0 {
		r.owed |= 1 << sig
		return
	}
	for again := true; again; again = r.owed>>sig&1 != 0 {
		r.owed &^= 1 << sig
		if h = p.caught[sig]; h == nil { // as it would have been for who is not in its handler
			unix.Tgkill(os.Getpid(), unix.Gettid(), numbers[sig])
			return
		}
		p.running |= 1 << sig
		p.aside(h.run)
		p.running &^= 1 << sig
	}
}

// look runs the handlers of signals that others have sent; while something is
// being written down they wait.
func (r *roamer) look(p *Proc) {
	if p.at.handles != 0 && r.entry == nil {
		p.aside(p.lookFor)
	}
}

// aside runs a handler, after which p stands where it stood.
func (p *Proc) aside(handler func()) {
	point, text, reply, until := p.at.point, p.at.text, p.at.reply, p.until
	steps, within := p.steps, p.within
	p.steps, p.within = steps[len(steps):], false
	handler()
	p.steps, p.within = steps, within
	p.at.point, p.at.text, p.at.reply, p.until = point, text, reply, until
}
