package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/console"
)

func Example() {
	engine, err := seckill.New(seckill.Options{})
	if err != nil {
		panic(err)
	}
	page, err := console.New(engine, console.Options{AdminToken: "22-random-characters-at-least"})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", page))

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/console/api/state", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output:
	// 401 {"type":"urn:seckill:problem:unauthenticated","status":401,"code":"unauthenticated","detail":"log in first"}
}
