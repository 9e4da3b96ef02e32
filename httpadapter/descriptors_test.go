//go:build !unix

package httpadapter_test

func descriptors() int { return 1 << 20 } // they are bounded by memory there
