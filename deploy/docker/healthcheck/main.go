// Healthcheck asks a URL once and exits 0 for an answer of 200, for images in
// which there is no shell and no curl.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

// patience is longer than the server itself waits for its backends.
const patience = 4 * time.Second

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "Usage: healthcheck URL")
		os.Exit(2)
	}
	if err := ask(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(url string) error {
	client := http.Client{Timeout: patience}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: want 200, got %s", url, answer.Status)
	}
	return nil
}
