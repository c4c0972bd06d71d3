package workload

import (
	"fmt"

	"shmrace/shmlab"
	shmsync "shmrace/sync"
)

// An Account has some money and a lock.
type Account struct {
	Mu      shmsync.Mutex
	Balance shmlab.Var[int64]
}

// A Bank is accounts between which money moves; their total does not change.
type Bank struct {
	Accounts [2]Account
	Mu       shmsync.Mutex // of the whole bank
}

const opening = 100 // what each account begins with

// transfer is what the labs of the family share. Odd actors move money the
// other way.
func transfer(variant, doc, why string, move func(p *shmlab.Proc, s *Bank, from, to *Account)) shmlab.Lab[Bank] {
	return shmlab.Lab[Bank]{
		Name: "transfer/" + variant, Doc: doc, Why: why, Source: source,
		Size: shmlab.Size{Actors: 2, Ops: 1},
		Setup: func(s *Bank, _ shmlab.Size) {
			for i := range s.Accounts {
				s.Accounts[i].Balance.Init(opening)
			}
		},
		Actors: repeat("moves", func(p *shmlab.Proc, s *Bank) {
			from := p.Index() % 2
			move(p, s, &s.Accounts[from], &s.Accounts[1-from])
		}),
		Final: func(s *Bank) error {
			total := int64(0)
			for i := range s.Accounts {
				total += s.Accounts[i].Balance.Peek()
			}
			if want := int64(len(s.Accounts)) * opening; total != want {
				return fmt.Errorf("the bank has %d, expected %d", total, want)
			}
			return nil
		},
	}
}

// pay moves one coin; the caller sees to it that nobody interferes.
func pay(p *shmlab.Proc, from, to *Account) {
	n := from.Balance.Get(p)
	from.Balance.Set(p, n-1)
	n = to.Balance.Get(p)
	to.Balance.Set(p, n+1)
}

// TransferUnlocked moves money with nothing around it.
var TransferUnlocked = transfer("unlocked", "two accounts, nothing around a transfer",
	"Both balances are read and written back: what another transfer wrote in between is undone, and money comes or goes. Cure: a lock.",
	func(p *shmlab.Proc, _ *Bank, from, to *Account) { pay(p, from, to) })

// TransferOneLock has one lock for the whole bank.
var TransferOneLock = transfer("one-lock", "one lock for the whole bank", "",
	func(p *shmlab.Proc, s *Bank, from, to *Account) {
		s.Mu.Lock(p)
		pay(p, from, to)
		s.Mu.Unlock(p)
	})

// TransferArgumentOrder locks the accounts in the order in which they come.
var TransferArgumentOrder = transfer("argument-order", "a lock each, taken in the order of the arguments",
	"Each holds one lock and waits for the other's. Cure: an order of all locks, and everybody takes them in that order.",
	func(p *shmlab.Proc, _ *Bank, from, to *Account) {
		from.Mu.Lock(p)
		to.Mu.Lock(p)
		pay(p, from, to)
		to.Mu.Unlock(p)
		from.Mu.Unlock(p)
	})

// TransferOrdered locks the account with the lower number first.
var TransferOrdered = transfer("ordered", "a lock each, taken in one order", "",
	func(p *shmlab.Proc, s *Bank, from, to *Account) {
		first, second := &s.Accounts[0], &s.Accounts[1]
		first.Mu.Lock(p)
		second.Mu.Lock(p)
		pay(p, from, to)
		second.Mu.Unlock(p)
		first.Mu.Unlock(p)
	})
