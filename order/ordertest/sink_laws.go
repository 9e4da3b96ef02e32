package ordertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seckill-go/seckill/order"
)

var sinkLaws = []sinkLaw{
	{
		"DeliversEverything",
		"Everything published arrives at least once.",
		func(ctx context.Context, w *wire) error {
			sent := w.publish(ctx, payments("a", 400), payments("b", 1))
			return w.consume(ctx, nil, sent)
		},
	}, {
		"KeepsTheOrderOfAKey",
		"Events of one key come in their order, over groups and calls.",
		func(ctx context.Context, w *wire) error {
			keys := interleave(payments("a", 30), payments("b", 30), payments("c", 30))
			sent := w.publish(ctx, keys[:20], keys[20:21], keys[21:])
			return w.consume(ctx, nil, sent)
		},
	}, {
		"BringsAFailedGroupAgain",
		"A group for which handle returned an error comes again, before later events of its keys.",
		func(ctx context.Context, w *wire) error {
			sent := w.publish(ctx, payments("a", 5), payments("a", 10)[5:])
			return w.consume(ctx, failing(3), sent)
		},
	}, {
		"BringsTheGroupThatAnEndInterrupted",
		"What was not handled when Consume ended comes with the next Consume.",
		func(ctx context.Context, w *wire) error {
			sent := w.publish(ctx, payments("a", 5))
			interrupted, cancel := context.WithCancel(ctx)
			err := w.Source.Consume(interrupted, func(context.Context, []order.Event) error {
				cancel()
				return errHandle
			})
			if !errors.Is(err, context.Canceled) {
				return fmt.Errorf("Consume: %v, want its context's error", err)
			}
			return w.consume(ctx, nil, sent)
		},
	}, {
		"GoesOnWhereItEnded",
		"A new Consume takes up what comes after the last one.",
		func(ctx context.Context, w *wire) error {
			all := payments("a", 4)
			if err := w.consume(ctx, nil, w.publish(ctx, all[:2])); err != nil {
				return err
			}
			return w.consume(ctx, nil, w.publish(ctx, all[2:]))
		},
	}, {
		"EndsWithItsContext",
		"Consume hands over until ctx ends, then returns ctx's error.",
		func(ctx context.Context, w *wire) error {
			busy, cancel := context.WithCancel(ctx)
			w.publish(ctx, payments("a", 1))
			err := w.Source.Consume(busy, func(context.Context, []order.Event) error { cancel(); return nil })
			if !errors.Is(err, context.Canceled) {
				return fmt.Errorf("Consume, cancelled while busy: %v", err)
			}
			idle, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			err = w.Source.Consume(idle, func(context.Context, []order.Event) error { return nil })
			if !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("Consume, timed out while idle: %v", err)
			}
			return nil
		},
	}, {
		"PublishEndsWithItsContext",
		"Publish with an ended context fails, and the error is the context's.",
		func(ctx context.Context, w *wire) error {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			if err := w.Sink.Publish(ended, payments("a", 1)); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("Publish with an ended context: %v", err)
			}
			return nil
		},
	}, {
		"TakesNoEventsAtAll",
		"To publish no events is no error.",
		func(ctx context.Context, w *wire) error { return w.Sink.Publish(ctx, nil) },
	}, {
		"TakesOrderEvents",
		"Events that are not payments go out too, and do not hold payments up.",
		func(ctx context.Context, w *wire) error {
			created := payments("a", 1)
			created[0].ID, created[0].Type = "a-created", "order.created"
			if err := w.Sink.Publish(ctx, created); err != nil {
				return err
			}
			return w.consume(ctx, nil, w.publish(ctx, payments("a", 1)))
		},
	}, {
		"TakesConcurrentPublishes",
		"A sink is safe for concurrent use.",
		func(ctx context.Context, w *wire) error {
			var sent []order.Event
			for i := range 8 {
				all := payments(fmt.Sprintf("key-%d", i), 12)
				sent = append(sent, w.publish(ctx, all[:4], all[4:8], all[8:])...)
			}
			return w.consume(ctx, nil, sent)
		},
	}, {
		"CarriesTheTrace",
		"An event arrives with its trace, and one that has none with none.",
		func(ctx context.Context, w *wire) error {
			all := payments("a", 3)
			all[0].Trace, all[2].Trace = trace("1"), trace("2")
			return w.consume(ctx, nil, w.publish(ctx, all))
		},
	}, {
		"KeepsEveryByte",
		"An event arrives as it was sent.",
		func(ctx context.Context, w *wire) error {
			all := payments("a", 4)
			all[0].Data = json.RawMessage(`{"html":"<a&b>", "space" : [ 1 , 2.50 ], "秒":"杀 "}`)
			all[1].Data = json.RawMessage(`"` + strings.Repeat("x", 100_000) + `"`)
			all[2].Data = json.RawMessage(`null`)
			all[3].Key, all[3].Version = "键 \"quoted\"", 7
			return w.consume(ctx, nil, w.publish(ctx, all))
		},
	},
}
