// Package model drives implementations by random calls beside models of them that
// are so short that one can see they are right. Where they part, the calls are
// made fewer until nothing can be left out.
//
// The gate in Redis is driven beside the one in memory, in its own package.
package model
