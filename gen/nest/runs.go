package nest

import "fmt"

// Targets without vectors move runs of neighbouring elements, of which the compiler
// makes the widest moves that there are. A run is a register of so many elements.

// LoadRun fills Dst with the Count elements at From.
type LoadRun struct {
	Dst   string
	From  Ref
	Count int
}

// StoreRun writes the Count elements of Src at To.
type StoreRun struct {
	To    Ref
	Src   string
	Count int
}

// ZeroRun writes Count zeros at To.
type ZeroRun struct {
	To    Ref
	Count int
}

func (LoadRun) node()  {}
func (StoreRun) node() {}
func (ZeroRun) node()  {}

func (l LoadRun) String() string { return fmt.Sprintf("%s = load %d from %v", l.Dst, l.Count, l.From) }

func (s StoreRun) String() string {
	return fmt.Sprintf("store %d at %v = %s", s.Count, s.To, s.Src)
}

func (z ZeroRun) String() string { return fmt.Sprintf("store %d at %v = 0", z.Count, z.To) }

// piece is a part of a run that the compiler moves without overlapping moves: what one
// writes on the way and another reads would wait for it.
type piece struct {
	name      string
	at, count int
}

// piecesOf parts a run: whole quadruples, and what is left.
func piecesOf(name string, n int) (list []piece) {
	at := 0
	for _, p := range []piece{{name: name, count: n &^ 3}, {name: name + "Rest", count: n & 3}} {
		if p.count > 0 {
			p.at, at = at, at+p.count
			list = append(list, p)
		}
	}
	return list
}

// loadRun loads the pieces of a run.
func loadRun(name string, from Ref, n int) (nodes []Node) {
	for _, p := range piecesOf(name, n) {
		nodes = append(nodes, LoadRun{Dst: p.name, From: Ref{from.Cursor, from.Disp + p.at}, Count: p.count})
	}
	return nodes
}

// storeRun stores them.
func storeRun(to Ref, name string, n int) (nodes []Node) {
	for _, p := range piecesOf(name, n) {
		nodes = append(nodes, StoreRun{To: Ref{to.Cursor, to.Disp + p.at}, Src: p.name, Count: p.count})
	}
	return nodes
}

// moveRun executes the nodes of this file; each counts as one access.
func (m *machine) moveRun(n Node) error {
	m.count("")
	switch n := n.(type) {
	case LoadRun:
		w, err := m.read(n, n.From, n.Count)
		m.regs[n.Dst] = append([]float32(nil), w...)
		return err
	case StoreRun:
		w, err := m.write(n, n.To, n.Count)
		if len(m.regs[n.Src]) != n.Count {
			return fmt.Errorf("%v: a register of %d elements", n, len(m.regs[n.Src]))
		}
		copy(w, m.regs[n.Src])
		return err
	case ZeroRun:
		w, err := m.write(n, n.To, n.Count)
		clear(w)
		return err
	}
	return nil
}
