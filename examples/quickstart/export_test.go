package main

// Main is the whole program.
var Main = main
