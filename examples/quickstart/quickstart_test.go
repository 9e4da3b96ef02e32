package main_test

import quickstart "github.com/seckill-go/seckill/examples/quickstart"

func Example() {
	quickstart.Main()
	// Output:
	// alice ordered 1 for 1999 CNY - the order is pending
	// the order is paid
}
