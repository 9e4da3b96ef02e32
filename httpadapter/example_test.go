package httpadapter_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/session"
)

func Example() {
	engine, err := seckill.New(seckill.Options{})
	if err != nil {
		panic(err)
	}
	sessions, err := session.New(new(session.Memory), session.Options{
		Keys: []session.Key{{ID: "2026-11", Secret: bytes.Repeat([]byte("secret"), 6)}},
	})
	if err != nil {
		panic(err)
	}
	handler, err := httpadapter.New(engine, httpadapter.Options{
		Authenticate: httpadapter.Sessions(sessions),
		AdminToken:   "22-random-characters-at-least",
	})
	if err != nil {
		panic(err)
	}
	server := httpadapter.Server("127.0.0.1:8000", handler) // server.ListenAndServe()

	answer := httptest.NewRecorder()
	server.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/api/seckill?goods_id=1001&token=x", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output:
	// 401 {"type":"urn:seckill:problem:unauthenticated","title":"Unauthenticated","status":401,"detail":"A valid bearer token is needed.","code":"unauthenticated","retryable":false}
}

func ExampleGuard() {
	api := http.NotFoundHandler()  // of httpadapter.New
	page := http.NotFoundHandler() // of console.New
	logger := slog.New(slog.DiscardHandler)

	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("/console/", http.StripPrefix("/console", page))
	guarded, err := httpadapter.Guard(mux, []string{"shop.example"}, logger)
	if err != nil {
		panic(err)
	}

	for _, url := range []string{"http://shop.example//api/orders", "http://evil.example/console/"} {
		answer := httptest.NewRecorder()
		guarded.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, url, nil))
		fmt.Println(answer.Code)
	}
	// Output:
	// 404
	// 421
}
