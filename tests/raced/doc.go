// Package raced holds that the race detector sees what kernels in assembly read and
// write: a program that shares what it must not is reported, and one that shares a
// layer as it may is not.
package raced
