package nest

import "fmt"

// Repeat runs Body so many times, at least twice.
type Repeat struct {
	Count int
	Body  []Node
}

func (Repeat) node() {}

func (r Repeat) String() string { return fmt.Sprintf("%d times", r.Count) }

// repeat runs the nodes so many times, without a loop where it can be without.
func repeat(count int, body []Node) []Node {
	switch count {
	case 0:
		return nil
	case 1:
		return body
	}
	return []Node{Repeat{count, body}}
}

func (m *machine) repeat(r Repeat) error {
	for range r.Count {
		if err := m.run(r.Body); err != nil {
			return err
		}
	}
	return nil
}
