// Upconv generates Go and assembly for the transposed convolutions of a network
// from a spec file, explains how they work, and runs them on arrays.
//
// Run "upconv help" for its commands.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
