package main

// Run is the whole program: arguments in, exit status out.
var Run = run
