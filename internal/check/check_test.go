package check_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/internal/check"
	"github.com/seckill-go/seckill/order"
)

// forgery is one way to break one invariant. A checker that cannot fail is no
// evidence, so each invariant has some.
type forgery struct {
	invariant, name string
	forge           func(*sale)
}

var forgeries = []forgery{
	{"I1", "MoreOrdersThanUnits", func(s *sale) {
		for _, u := range []string{"x", "y", "z"} {
			s.buy(u, 1)
		}
	}},
	{"I1", "TheRowSaysMoreThanTheTotal", func(s *sale) { s.dump.Goods[0].Ledger.Sold = 6 }},
	{"I1", "TooManyForAMoment", func(s *sale) {
		one, two := s.buy("x", 1), s.buy("y", 1)
		s.buy("z", 1)
		s.drop(one)
		s.drop(two)
		s.balance()
	}},
	{"I2", "AUnitThatNobodyCanBuy", func(s *sale) { s.dump.Goods[0].Gate.Left-- }},
	{"I2", "SoldOutToTheLastAndAUnitInNoOrder", func(s *sale) { s.rules.SoldOut = "1001" }},
	{"I11", "SoldOutAfterTheCancelledUnitsWereBack", func(s *sale) {
		s.buy("x", 1)
		s.wait()
		s.rules.Rest = s.now.Add(-time.Second)
		s.refused("y", "sold_out", 1)
	}},
	{"I2", "AnEmptyGate", func(s *sale) { s.dump.Goods[0].Gate = nil }},
	{"I3", "ALookThatDoesNotAddUp", func(s *sale) {
		s.look(5, 1, 0)
	}},
	{"I3", "TheRowIsNotItsEntries", func(s *sale) { s.dump.Goods[0].Ledger.Entries-- }},
	{"I3", "TheRowSaysOtherUnitsPaid", func(s *sale) { s.dump.Goods[0].Ledger.Paid++ }},
	{"I3", "TheGateIsNotTheLedger", func(s *sale) { s.dump.Goods[0].Gate.Sold--; s.dump.Goods[0].Gate.Left++ }},
	{"I4", "AUserWithTooMany", func(s *sale) { s.buy("alice", 1); s.balance() }},
	{"I4", "AUserWithTooManyForAMoment", func(s *sale) {
		o := s.buy("alice", 1)
		s.wait()
		s.drop(o)
		s.balance()
	}},
	{"I5", "TwoOrdersOfOneAttempt", func(s *sale) {
		s.dump.Orders = append(s.dump.Orders, s.order(0))
	}},
	{"I5", "ToldOfTwoOrders", func(s *sale) { s.answer(s.order(0), check.Replayed, "another") }},
	{"I5", "SoldOutAfterItWasSold", func(s *sale) { s.answer(s.order(0), "sold_out", "") }},
	{"I5", "NewTwice", func(s *sale) { s.answer(s.order(0), check.Accepted, s.order(0).ID) }},
	{"I5", "AnOrderThatIsGone", func(s *sale) { s.dump.Orders = s.dump.Orders[1:]; s.balance() }},
	{"I5", "GivenUpThoughThereIsAnOrder", func(s *sale) {
		o := s.order(s.book("x", 1))
		s.purchase(o, "", "")
		s.wait()
		s.rules.Rest = s.now.Add(-time.Second)
		s.answer(o, "invalid_ticket", "")
		s.balance()
	}},
	{"I6", "PaidAndStillPending", func(s *sale) { s.pays(s.order(0), check.Pay) }},
	{"I6", "PaidAndCancelled", func(s *sale) {
		s.pays(s.order(0), check.Pay)
		s.drop(0)
		s.balance()
	}},
	{"I6", "PaidAndRestored", func(s *sale) { s.dump.Backlog.Unrestored = []order.Order{s.order(1)} }},
	{"I7", "NeverGivenBack", func(s *sale) { s.dump.Backlog.Unrestored = []order.Order{s.order(2)} }},
	{"I7", "GivenBackTwiceToTheRow", func(s *sale) { s.dump.Goods[0].Ledger.Sold-- }},
	{"I7", "GivenBackTwiceToTheGate", func(s *sale) { s.dump.Goods[0].Gate.Left++ }},
	{"I8", "AVersionTooMany", func(s *sale) { s.dump.Orders[1].Version++ }},
	{"I8", "PaidAndPendingAgain", func(s *sale) {
		s.sees(s.order(1), order.Paid, 2)
		s.sees(s.order(1), order.Pending, 1)
	}},
	{"I8", "PaidAndCancelledAtTheEnd", func(s *sale) { s.sees(s.order(2), order.Paid, 2) }},
	{"I9", "AStaleWriteThatCounts", func(s *sale) { s.stale("stale-1", check.Accepted) }},
	{"I9", "AStaleWriteWithAnOrder", func(s *sale) { s.stale(s.order(0).ID, check.Fenced) }},
	{"I9", "AFenceThatFalls", func(s *sale) { s.fence(8); s.fence(7) }},
	{"I10", "AnEventThatNeverCame", func(s *sale) { s.dump.Events = s.dump.Events[:len(s.dump.Events)-1] }},
	{"I10", "AnEventOfNoOrder", func(s *sale) {
		o := s.order(0)
		o.ID = "ghost"
		s.dump.Events = append(s.dump.Events, order.Created(o))
	}},
	{"I10", "TheSecondBeforeTheFirst", func(s *sale) { slices.Reverse(s.dump.Events) }},
	{"I10", "OneIDForTwoEvents", func(s *sale) {
		e := s.dump.Events[0]
		e.Key = s.order(1).ID
		s.dump.Events = append(s.dump.Events, e)
	}},
	{"I10", "TheOutboxIsNotEmpty", func(s *sale) { s.dump.Backlog.Unsent = 1 }},
	{"I11", "SoldOutWithUnitsLeft", func(s *sale) { s.refused("bob", "sold_out", 1) }},
	{"I11", "SoldOutTicketWithUnitsLeft", func(s *sale) { s.wait(); s.noTicket("bob") }},
	{"I11", "LimitWithNothingBought", func(s *sale) { s.refused("bob", "limit_reached", 1) }},
	{"I11", "BusyAndSold", func(s *sale) { s.quietly(s.order(0), "busy") }},
	{"I11", "RefusedForItsOwnUnits", func(s *sale) { // the second click of has an order
		s.total(6)
		s.buy("x", 1)
		s.clicks("y", "sold_out")
	}},
	{"I11", "TwoAnswersThatExcludeEachOther", func(s *sale) { contradict(s, 6) }},
	{"I12", "SoldBeforeTheStart", func(s *sale) { s.dump.Goods[0].Goods.StartsAt = base.Add(time.Minute) }},
	{"I12", "SoldAfterTheEnd", func(s *sale) { s.dump.Goods[0].Goods.EndsAt = base.Add(-time.Minute) }},
	{"I12", "CancelledBeforeItsTime", func(s *sale) {
		s.drop(0)
		s.dump.Orders[0].PaymentID, s.dump.Orders[0].UpdatedAt = "", s.order(0).PayBy.Add(-time.Second)
	}},
	{"I12", "AHoldThatStays", func(s *sale) { s.hold() }},
	{"I13", "AForgedTicketThatBuys", func(s *sale) { s.forged(check.Accepted) }},
	{"I13", "AnOrderThatNobodyAskedFor", func(s *sale) { s.ops = s.without(s.order(0).ID) }},
	{"I13", "AnOrderOfAnotherUser", func(s *sale) { s.dump.Orders[0].UserID = "mallory" }},
	{"I14", "NotAtRest", func(s *sale) { s.dump.Recovery.Ready = false }},
	{"I14", "TooLate", func(s *sale) { s.dump.Recovery.Took = time.Hour }},
	{"I14", "AGoroutineMore", func(s *sale) { s.dump.Recovery.After++ }},
	{"I14", "Overdue", func(s *sale) { s.dump.Backlog.Overdue = []order.Order{s.order(0)} }},
	{"I15", "OverTheCap", func(s *sale) { s.dump.Peaks[0].Peak = 101 }},
	{"I15", "BusyWithoutATime", func(s *sale) { s.refused("bob", "busy", 1) }},
	{"I16", "NoRow", func(s *sale) { s.dump.Audits = s.dump.Audits[1:] }},
	{"I16", "TwoRows", func(s *sale) { s.dump.Audits = append(s.dump.Audits, s.dump.Audits[0]) }},
	{"I16", "ARowWithoutTheStateAfter", func(s *sale) { s.dump.Audits[0].After = "" }},
	{"I16", "ARowOfNobody", func(s *sale) {
		s.dump.Audits = append(s.dump.Audits, order.Audit{Actor: "ghost", Done: true, After: "{}"})
	}},
}

func TestEachForgeryIsCaught(t *testing.T) {
	for _, f := range forgeries {
		t.Run(f.invariant+f.name, func(t *testing.T) {
			s := honest()
			f.forge(s)
			r := check.Check(s.ops, s.dump, s.rules)
			if !slices.Contains(r.Violated(), f.invariant) {
				t.Errorf("%s is not violated:\n%s", f.invariant, r)
			}
			again := check.Check(s.ops, s.dump, s.rules)
			if again.String() != r.String() {
				t.Errorf("the second report differs:\n%s\n%s", r, again)
			}
		})
	}
}

func TestEveryInvariantHasAForgeryAndHoldsWithoutOne(t *testing.T) {
	s := honest()
	r := check.Check(s.ops, s.dump, s.rules)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 16 {
		t.Errorf("%d invariants, want 16", len(r.Results))
	}
	for _, res := range r.Results {
		if res.Status != check.Held {
			t.Errorf("%s is %s (%s), want held", res.ID, res.Status, res.Note)
		}
		if !slices.ContainsFunc(forgeries, func(f forgery) bool { return f.invariant == res.ID }) {
			t.Errorf("%s has no forgery", res.ID)
		}
	}
}

func TestAFencedWriteThatWasCountedIsEvidence(t *testing.T) {
	for n, want := range map[uint64]check.Status{0: check.NotEvaluated, 1: check.Held} {
		r := check.Check(nil, check.Dump{Fenced: &n}, check.Rules{})
		if got := r.Result("I9").Status; got != want {
			t.Errorf("%d writes: I9 is %s, want %s", n, got, want)
		}
	}
}

func TestWhatIsNotThereIsNotEvaluated(t *testing.T) {
	r := check.Check(nil, check.Dump{}, check.Rules{})
	for _, res := range r.Results {
		if res.Status != check.NotEvaluated {
			t.Errorf("%s is %s, want not evaluated", res.ID, res.Status)
		}
	}
}

// pleas are histories that look wrong and are not.
var pleas = []struct {
	name string
	tell func(*sale)
}{
	{"SoldOutWhileAUnitWasHeldByWhoGotNoAnswer", func(s *sale) {
		s.buy("x", 1)
		s.pending("y", 1)
		s.refused("z", "sold_out", 1)
		s.balance()
	}},
	{"TheLostAnswerIsToldLater", func(s *sale) {
		s.buy("x", 1)
		o := s.unknown("y")
		s.refused("z", "sold_out", 1)
		s.answer(o, check.Replayed, o.ID)
		s.balance()
	}},
	{"SoldOutBeforeTheUnitsOfACancelledOrderWereBack", func(s *sale) {
		s.buy("x", 1)
		o := s.buy("y", 1)
		s.pays(s.dump.Orders[o], check.Cancel)
		s.drop(o)
		s.refused("z", "sold_out", 1)
		s.buy("z", 1)
		s.balance()
	}},
	{"ATicketIsRefusedFromCountsOfASecondAgo", func(s *sale) {
		s.buy("x", 1)
		s.buy("y", 1)
		s.total(7)
		s.noTicket("z")
		s.balance()
	}},
	{"TheLimitCountsAnotherAttemptThatWasRefusedMeanwhile", func(s *sale) {
		s.buy("x", 1)
		s.buy("y", 1)
		s.refused("y", "sold_out", 1)
		first := s.ops[len(s.ops)-1]
		s.refused("y", "limit_reached", 1)
		s.ops[len(s.ops)-1].Call = first.Call
	}},
	{"TheTotalGrewAfterItWasSoldOut", func(s *sale) {
		s.buy("x", 1)
		s.buy("y", 1)
		s.refused("z", "sold_out", 1)
		s.total(6)
		s.buy("z", 1)
		s.balance()
	}},
	{"TooFewForALargeOne", func(s *sale) { s.refused("z", "sold_out", 3) }},
	{"RefusedBusyHeldAndBuried", func(s *sale) {
		s.buy("x", 1)
		o := s.pending("y", 1)
		s.answer(o, "invalid_ticket", "")
		s.balance()
	}},
	{"SoldOutByABuyerWhoIsNotInTheHistory", func(s *sale) {
		s.rules.Complete = false
		s.buy("x", 1)
		s.buy("y", 1)
		s.ops = s.without(s.order(3).ID)
		s.ops = s.without(s.order(4).ID)
		s.refused("z", "sold_out", 1)
		s.balance()
	}},
	{"AKilledAdmin", func(s *sale) {
		s.admin("killed", "", false)
		s.dump.Audits = append(s.dump.Audits, order.Audit{Actor: "killed", Target: "1001"})
	}},
	{"AFailedAdmin", func(s *sale) {
		s.admin("failed", "busy", true)
		s.dump.Audits = append(s.dump.Audits, order.Audit{Actor: "failed", Target: "1001", Done: true, Error: "busy"})
	}},
	{"TheSameEventAgain", func(s *sale) { s.dump.Events = append(s.dump.Events, s.dump.Events[0], s.dump.Events[1]) }},
}

func TestWhatLooksWrongAndIsNotPasses(t *testing.T) {
	for _, p := range pleas {
		t.Run(p.name, func(t *testing.T) {
			s := honest()
			p.tell(s)
			if err := check.Check(s.ops, s.dump, s.rules).Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheRefusalThatLiesIsNamed(t *testing.T) {
	for name, lie := range map[string]func(*sale){
		"TooManyLeft":       func(s *sale) { s.refused("bob", "sold_out", 1) },
		"OnlyItsOwnAreGone": func(s *sale) { s.total(6); s.buy("x", 1); s.clicks("y", "sold_out") },
	} {
		t.Run(name, func(t *testing.T) {
			s := honest()
			lie(s)
			found := check.Check(s.ops, s.dump, s.rules).Result("I11").Violations
			if len(found) != 1 || !strings.Contains(found[0].What, "sold out was said") || len(found[0].Ops) != 1 || found[0].Ops[0].Code != "sold_out" {
				t.Errorf("%+v", found)
			}
		})
	}
}
