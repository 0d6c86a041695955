package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/upconv/upconv/specs"
)

// caps are the value of --cap: kernel=65536,phases=0.
type caps specs.Limits

func (c *caps) String() string { return specs.Limits(*c).String() }
func (c *caps) Type() string   { return "NAME=N" }

// Set changes the caps that s names, or none.
func (c *caps) Set(s string) error {
	changed := specs.Limits(*c)
	for pair := range strings.SplitSeq(s, ",") {
		name, number, _ := strings.Cut(pair, "=")
		most, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("%s is not a name, = and a number, as in %s=65536", specs.Quote(pair), specs.CapKernel)
		}
		if err := changed.Set(specs.Cap(name), most); err != nil {
			return err
		}
	}
	*c = caps(changed)
	return nil
}
