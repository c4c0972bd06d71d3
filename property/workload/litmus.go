package workload

import "shmrace/shmlab"

// A Litmus is a test of what two actors can see of each other's writes. Each
// notes what it read.
type Litmus struct {
	X, Y   shmlab.Var[int64]
	R1, R2 shmlab.Var[int64]
}

// litmus is a lab of two actors that each run once. In a stepped run memory is
// sequentially consistent: the schedule is the order.
func litmus(variant, doc string, outcomes []shmlab.Outcome, a, b func(p *shmlab.Proc, s *Litmus)) shmlab.Lab[Litmus] {
	return shmlab.Lab[Litmus]{
		Name: "litmus/" + variant, Doc: doc, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Actors: func(shmlab.Size) []shmlab.Actor[Litmus] {
			return append(shmlab.Each(1, "first", a), shmlab.Each(1, "second", b)...)
		},
		Outcomes: outcomes,
	}
}

// LitmusSB is store buffering: both write, then read what the other wrote.
var LitmusSB = litmus("store-buffering", "x=1; r1=y beside y=1; r2=x", []shmlab.Outcome{
	{State: "X=1 Y=1 R1=1 R2=1", Grade: shmlab.Acceptable, Doc: "both write before either reads"},
	{State: "X=1 Y=1 R1=0 R2=1", Grade: shmlab.Acceptable, Doc: "A is done before B writes"},
	{State: "X=1 Y=1 R1=1 R2=0", Grade: shmlab.Acceptable, Doc: "B is done before A writes"},
	{State: "X=1 Y=1 R1=0 R2=0", Grade: shmlab.Forbidden, Doc: "no order gives it; hardware may"},
}, func(p *shmlab.Proc, s *Litmus) {
	s.X.Set(p, 1)
	r := s.Y.Get(p)
	s.R1.Set(p, r)
}, func(p *shmlab.Proc, s *Litmus) {
	s.Y.Set(p, 1)
	r := s.X.Get(p)
	s.R2.Set(p, r)
})

// LitmusMP is message passing: data, then a flag; the flag, then the data.
var LitmusMP = litmus("message-passing", "data=1; flag=1 beside r1=flag; r2=data", []shmlab.Outcome{
	{State: "X=1 Y=1 R1=0 R2=0", Grade: shmlab.Acceptable, Doc: "the message is not sent yet"},
	{State: "X=1 Y=1 R1=0 R2=1", Grade: shmlab.Interesting, Doc: "data without a flag"},
	{State: "X=1 Y=1 R1=1 R2=1", Grade: shmlab.Acceptable, Doc: "the message is there"},
	{State: "X=1 Y=1 R1=1 R2=0", Grade: shmlab.Forbidden, Doc: "a flag without data"},
}, func(p *shmlab.Proc, s *Litmus) {
	s.X.Set(p, 1)
	s.Y.Set(p, 1)
}, func(p *shmlab.Proc, s *Litmus) {
	r := s.Y.Get(p)
	s.R1.Set(p, r)
	r = s.X.Get(p)
	s.R2.Set(p, r)
})
