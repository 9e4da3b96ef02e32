// Package e2e tests whole engines on the production backends, against the
// embedded servers: several engines that share one sale, and everything that an
// operator may do to them meanwhile.
package e2e
