package polyphase

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Windows are the windows of a max_pool along x: window i has the elements
// Stride*i + Dilation*k of a row, for k from 0 to Kernel-1.
type Windows struct{ Kernel, Stride, Dilation int }

// WindowsOf returns the windows of a layer. The error says why it has none.
func WindowsOf(l *specs.Layer) (Windows, error) {
	switch {
	case l.Op != specs.MaxPool:
		return Windows{}, fmt.Errorf("layers of op %s have no windows to compare", l.Op)
	case l.Rank > 2:
		return Windows{}, fmt.Errorf("%d-D layers run on the generic path", l.Rank)
	}
	a := l.Axes[l.Rank-1]
	return Windows{Kernel: a.Kernel, Stride: a.Stride, Dilation: a.Dilation}, nil
}

// Span is the number of elements from the first of a window to its last.
func (w Windows) Span() int { return (w.Kernel-1)*w.Dilation + 1 }

// Groups is the number of groups of Stride elements that a window reaches into.
func (w Windows) Groups() int { return (w.Span()-1)/w.Stride + 1 }
