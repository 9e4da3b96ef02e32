package ordertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/order/ordertest"
)

// wire is a sound pair; each careless double breaks one thing of it.
type wire struct {
	*order.Bus
	beforeHandle func() error
	onPublish    func(context.Context, []order.Event) (context.Context, []order.Event)
	onHandle     func([]order.Event, error) error
	onEnd        func(error) error
}

func (w wire) Publish(ctx context.Context, events []order.Event) error {
	if w.onPublish != nil {
		ctx, events = w.onPublish(ctx, slices.Clone(events))
	}
	return w.Bus.Publish(ctx, events)
}

func (w wire) Consume(ctx context.Context, handle func(context.Context, []order.Event) error) error {
	err := w.Bus.Consume(ctx, func(ctx context.Context, group []order.Event) error {
		if w.beforeHandle != nil {
			if err := w.beforeHandle(); err != nil {
				return err
			}
		}
		err := handle(ctx, group)
		if w.onHandle != nil {
			return w.onHandle(group, err)
		}
		return err
	})
	if w.onEnd != nil {
		return w.onEnd(err)
	}
	return err
}

func TestSinkLawsCatchCarelessDoubles(t *testing.T) {
	doubles := map[string]struct {
		wire   func() wire
		breaks []string
	}{
		"none": {func() wire { return wire{} }, nil},
		"loses an event": {
			func() wire {
				return wire{onPublish: func(ctx context.Context, events []order.Event) (context.Context, []order.Event) {
					return ctx, events[min(1, len(events)):]
				}}
			},
			[]string{"DeliversEverything", "TakesConcurrentPublishes", "BringsTheGroupThatAnEndInterrupted"},
		},
		"turns a group round": {
			func() wire {
				return wire{onPublish: func(ctx context.Context, events []order.Event) (context.Context, []order.Event) {
					slices.Reverse(events)
					return ctx, events
				}}
			},
			[]string{"KeepsTheOrderOfAKey"},
		},
		"takes a refusal for a yes": {
			func() wire {
				return wire{onHandle: func([]order.Event, error) error { return nil }}
			},
			[]string{"BringsAFailedGroupAgain", "BringsTheGroupThatAnEndInterrupted"},
		},
		"skips a group that failed twice": {
			func() wire {
				failures := 0
				return wire{onHandle: func(_ []order.Event, err error) error {
					if failures++; err != nil && failures < 2 {
						return err
					}
					return nil
				}}
			},
			[]string{"BringsAFailedGroupAgain"},
		},
		"ends without a reason": {
			func() wire { return wire{onEnd: func(error) error { return nil }} },
			[]string{"EndsWithItsContext"},
		},
		"ends with a reason of its own": {
			func() wire { return wire{onEnd: func(error) error { return errors.ErrUnsupported }} },
			[]string{"EndsWithItsContext"},
		},
		"publishes without a context": {
			func() wire {
				return wire{onPublish: func(_ context.Context, events []order.Event) (context.Context, []order.Event) {
					return context.Background(), events
				}}
			},
			[]string{"PublishEndsWithItsContext"},
		},
		"writes JSON anew": {
			func() wire {
				return wire{onPublish: func(ctx context.Context, events []order.Event) (context.Context, []order.Event) {
					for i := range events {
						var tidy bytes.Buffer
						_ = json.Compact(&tidy, events[i].Data)
						events[i].Data = tidy.Bytes()
					}
					return ctx, events
				}}
			},
			[]string{"KeepsEveryByte"},
		},
		"loses the traces": {
			func() wire {
				return wire{onPublish: func(ctx context.Context, events []order.Event) (context.Context, []order.Event) {
					for i := range events {
						events[i].Trace = ""
					}
					return ctx, events
				}}
			},
			[]string{"CarriesTheTrace"},
		},
		"delivers to the first Consume only": {
			func() wire {
				ended := false
				return wire{
					onEnd: func(err error) error { ended = true; return err },
					beforeHandle: func() error {
						if ended {
							return errors.ErrUnsupported
						}
						return nil
					},
				}
			},
			[]string{"GoesOnWhereItEnded", "BringsTheGroupThatAnEndInterrupted"},
		},
	}
	for name, double := range doubles {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var broken []string
				for _, v := range ordertest.CheckSink(t.Context(), func() ordertest.SinkFixture {
					w := double.wire()
					w.Bus = new(order.Bus)
					return ordertest.SinkFixture{Sink: w, Source: w}
				}) {
					broken = append(broken, v.Law)
				}
				for _, law := range double.breaks {
					if !slices.Contains(broken, law) {
						t.Errorf("%s is not caught, only %v", law, broken)
					}
				}
				if double.breaks == nil && broken != nil {
					t.Errorf("a sound pair breaks %v", broken)
				}
			})
		})
	}
}
