// Package clienttest makes the client from the API's document, and tests it on the
// real server. It is a module of its own, so that the client's has no dependency.
package clienttest
