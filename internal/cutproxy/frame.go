package cutproxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// Redis frames a command of RESP: an array of bulk strings.
func Redis(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if err != nil || len(line) < 4 || line[0] != '*' {
		return line, err // an inline command is its line
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	if err != nil {
		return nil, fmt.Errorf("cutproxy: length of a command: %w", err)
	}
	message := line
	for range n {
		head, err := r.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.Atoi(string(bytes.TrimSpace(head[1:])))
		if err != nil {
			return nil, fmt.Errorf("cutproxy: length of an argument: %w", err)
		}
		message = append(message, head...)
		if message, err = readMore(r, message, size+len("\r\n")); err != nil {
			return nil, err
		}
	}
	return message, nil
}

// Script reports whether a message of Redis runs the script with that SHA-1, in
// hex.
func Script(message []byte, sha1 string) bool {
	head := message[:min(len(message), 128)]
	return bytes.Contains(bytes.ToUpper(head), []byte("EVALSHA")) && bytes.Contains(head, []byte(sha1))
}

// MySQL frames a packet: three bytes of length, one of sequence, the payload.
func MySQL(r *bufio.Reader) ([]byte, error) {
	head, err := readMore(r, nil, 4)
	if err != nil {
		return nil, err
	}
	return readMore(r, head, int(head[0])|int(head[1])<<8|int(head[2])<<16)
}

// Commit reports whether a message of MySQL is a query that commits: COMMIT by itself,
// or statements with one among them.
func Commit(message []byte) bool {
	const query = 3
	return len(message) > 5 && message[4] == query && bytes.Contains(message[5:], []byte("COMMIT"))
}

func readMore(r *bufio.Reader, message []byte, n int) ([]byte, error) {
	at := len(message)
	message = append(message, make([]byte, n)...)
	_, err := io.ReadFull(r, message[at:])
	return message, err
}
