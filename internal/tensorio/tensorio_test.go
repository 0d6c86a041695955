package tensorio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npy"
	"github.com/stretchr/testify/require"
)

// file spells a .npy file with any dictionary and any data.
func file(major byte, dict string, data ...byte) []byte {
	out := append([]byte(magic), major, 0)
	if major == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(dict)))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(dict)))
	}
	return append(append(out, dict...), data...)
}

const dict23 = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"

func data(n int) []byte {
	var out []byte
	for i := range n {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(i)))
	}
	return out
}

func decode(b []byte) (Array, error) { return Decode(bytes.NewReader(b), int64(len(b))) }

func TestRoundTrip(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), 1, math.MaxFloat32, math.SmallestNonzeroFloat32,
		float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0x7fc12345)}
	long := make([]float32, 3*5000)
	for i := range long {
		long[i] = float32(i) / 3
	}
	for _, a := range []Array{
		{[]int{}, []float32{7}}, {[]int{8}, special}, {[]int{2, 4}, special}, {[]int{1, 2, 2, 2}, special},
		{[]int{3, 5000}, long}, {[]int{0, 5}, []float32{}},
	} {
		var b bytes.Buffer
		require.NoError(t, Encode(&b, a))
		require.Zero(t, (b.Len()-4*len(a.Data))%alignment)
		got, err := decode(b.Bytes())
		require.NoError(t, err)
		require.Equal(t, a.Shape, got.Shape)
		require.Len(t, got.Data, len(a.Data))
		for i := range a.Data {
			require.Equal(t, math.Float32bits(a.Data[i]), math.Float32bits(got.Data[i]))
		}
	}
}

// TestAgainstNpyio holds both directions against another implementation.
func TestAgainstNpyio(t *testing.T) {
	want := []float32{1, 2, 3, 4, 5, 6}
	var ours bytes.Buffer
	require.NoError(t, Encode(&ours, Array{[]int{1, 2, 3}, want}))
	r, err := npy.NewReader(&ours)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, r.Header.Descr.Shape)
	var got []float32
	require.NoError(t, r.Read(&got))
	require.Equal(t, want, got)

	var theirs bytes.Buffer
	require.NoError(t, npy.Write(&theirs, [2][3]float32{{1, 2, 3}, {4, 5, 6}}))
	a, err := decode(theirs.Bytes())
	require.NoError(t, err)
	require.Equal(t, Array{[]int{2, 3}, want}, a)
}

// TestNumpyBytes is numpy.save of np.arange(6, dtype='f4').reshape(2, 3), byte
// for byte.
func TestNumpyBytes(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Encode(&b, Array{[]int{2, 3}, []float32{0, 1, 2, 3, 4, 5}}))
	dict := "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
	want := "\x93NUMPY\x01\x00\x76\x00" + dict + strings.Repeat(" ", 118-1-len(dict)) + "\n" + string(data(6))
	require.Equal(t, want, b.String())
	var one bytes.Buffer
	require.NoError(t, Encode(&one, Array{[]int{1}, []float32{0}}))
	require.Contains(t, one.String(), "'shape': (1,), }")
}

func TestHeaderForms(t *testing.T) {
	for _, dict := range []string{
		dict23,
		`{"shape":(2,3),"fortran_order":False,"descr":"<f4"}`,
		"{ 'shape' : ( 2L , 3L ) ,\n'descr': '<f4', 'fortran_order': False }   ",
	} {
		for major := byte(1); major <= 3; major++ {
			a, err := decode(file(major, dict, data(6)...))
			require.NoError(t, err, dict)
			require.Equal(t, []int{2, 3}, a.Shape)
			require.Equal(t, []float32{0, 1, 2, 3, 4, 5}, a.Data)
		}
	}
	a, err := decode(file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", data(2)...))
	require.NoError(t, err, "one dimension has one order")
	require.Equal(t, []int{2}, a.Shape)
}

func TestBadFiles(t *testing.T) {
	replace := func(from, to string) string { return strings.Replace(dict23, from, to, 1) }
	rows := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "not a .npy file"},
		{"zip", []byte("PK\x03\x04 and so on"), "not a .npy file"},
		{"version", file(4, dict23, data(6)...), ".npy version is 4.0, wanted 1.0, 2.0 or 3.0"},
		{"no header", []byte(magic + "\x01\x00"), "ends within its header"},
		{"half a header", file(1, dict23)[:30], "ends within its header"},
		{"vast header", []byte(magic + "\x02\x00\xff\xff\xff\xff{"), "header is 4294967295 bytes long, the limit is 10000"},
		{"double", file(1, replace("<f4", "<f8"), data(12)...), `element type is "<f8", wanted "<f4" (little-endian float32)`},
		{"big-endian", file(1, replace("<f4", ">f4"), data(6)...), `element type is ">f4", wanted "<f4" (little-endian float32)`},
		{"record", file(1, replace("'<f4'", "[('a', '<f4', (2, 3)), ('b', '<i4')]"), data(6)...), `element type is "[('a', '<f4', (2, 3)), ('b', '<i4')]", wanted "<f4"`},
		{"object", file(1, replace("<f4", "|O"), data(6)...), `element type is "|O", wanted "<f4"`},
		{"Fortran", file(1, replace("False", "True"), data(6)...), "is in Fortran order, wanted C order (numpy.ascontiguousarray)"},
		{"short", file(1, dict23, data(5)...), "holds 20 bytes of data, shape [2 3] of float32 wants another number"},
		{"long", file(1, dict23, data(7)...), "holds 28 bytes of data, shape [2 3]"},
		{"a byte more", file(1, dict23, append(data(6), 0)...), "holds 25 bytes of data, shape [2 3]"},
		{"vast shape", file(1, replace("(2, 3)", "(4000000000, 4000000000)"), data(6)...), "shape [4000000000 4000000000] of float32 wants"},
		{"large shape", file(1, replace("(2, 3)", "(100000, 100000)"), data(6)...), "shape [100000 100000] of float32 wants"},
		{"overflow", file(1, replace("(2, 3)", "(99999999999999999999,)"), data(6)...), `shape: "99999999999999999999" is not a size`},
		{"negative", file(1, replace("2, 3", "-2, -3"), data(6)...), `shape: "-2" is not a size`},
		{"half", file(1, replace("2, 3", "2.5, 3"), data(6)...), `shape: "2.5" is not a size`},
		{"no size", file(1, replace("2, 3", "2, , 3"), data(6)...), `shape: "" is not a size`},
		{"open tuple", file(1, "{'shape': (2, 3", data(6)...), "shape: does not end"},
		{"too many dimensions", file(1, replace("2, 3", strings.Repeat("1, ", 65)), data(6)...), "shape: does not end"},
		{"no tuple", file(1, replace("(2, 3)", "[2, 3]"), data(6)...), "shape: is not a tuple"},
		{"no dictionary", file(1, "'<f4'"), "header: is not a dictionary"},
		{"empty dictionary", file(1, "{}"), "header: wanted the keys descr, fortran_order and shape, and nothing else"},
		{"missing key", file(1, "{'shape': (2,)}"), "header: wanted the keys"},
		{"repeated key", file(1, "{'shape': (2,), 'shape': (2,)}"), `header: unknown or repeated key "shape"`},
		{"unknown key", file(1, "{'form': (2,)}"), `header: unknown or repeated key "form"`},
		{"text behind", file(1, strings.TrimSpace(dict23)+"import os"), "header: wanted the keys"},
		{"no colon", file(1, "{'shape' (2,)}"), `header: no value for "shape"`},
		{"no comma", file(1, "{'shape': (2,) 'descr': 'a'}"), `header: no comma after "shape"`},
		{"open string", file(1, "{'shape"), "header: a string does not end"},
		{"no string", file(1, "{shape: 3}"), "header: a string is missing"},
		{"open list", file(1, "{'descr': [('a', "), "header: descr: a list does not end"},
		{"truth", file(1, "{'fortran_order': 0}"), "header: fortran_order: is neither True nor False"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := decode(row.data)
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	require.NoError(t, os.WriteFile(path, file(1, dict23, data(6)...), 0o644))
	a, err := Read(path)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, a.Shape)

	for path, want := range map[string]string{
		filepath.Join(dir, "none.npy"): "no such file or directory",
		dir:                            "not a regular file",
		"/dev/zero":                    "not a regular file",
	} {
		_, err := Read(path)
		require.EqualError(t, err, path+": "+want)
	}
}

func TestEncodeFailures(t *testing.T) {
	require.ErrorContains(t, Encode(&bytes.Buffer{}, Array{[]int{2, 2}, make([]float32, 3)}), "shape [2 2] does not fit 3 elements")
	require.ErrorContains(t, Encode(&bytes.Buffer{}, Array{[]int{-1, -3}, make([]float32, 3)}), "does not fit")
	for limit := range 3 {
		full := fullWriter{limit * 20000}
		require.ErrorIs(t, Encode(&full, Array{[]int{50000}, make([]float32, 50000)}), errFull)
	}
}

var errFull = errors.New("full")

type fullWriter struct{ room int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		return 0, errFull
	}
	w.room -= len(p)
	return len(p), nil
}

// FuzzDecode: no file makes Decode panic or use memory that it does not hold,
// and what it accepts is written as it was read.
func FuzzDecode(f *testing.F) {
	f.Add(file(1, dict23, data(6)...))
	f.Add(file(2, "{'descr': [('a', '<f4')], 'fortran_order': True, 'shape': (), }", data(1)...))
	f.Add(file(3, "{'shape':(1,2,3),'descr':\"<f4\",'fortran_order':False}", data(6)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decode(b)
		if err != nil {
			return
		}
		require.LessOrEqual(t, 4*len(a.Data), len(b))
		var again bytes.Buffer
		require.NoError(t, Encode(&again, a))
		second, err := decode(again.Bytes())
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(a.Shape), fmt.Sprint(second.Shape))
		require.True(t, bytes.HasSuffix(again.Bytes(), b[len(b)-4*len(a.Data):]))
	})
}

func TestIntegers(t *testing.T) {
	want := Integers{[]int{2, 3}, []int64{0, -1, 1 << 62, 1<<32 + 3, 4, 5}}
	var b bytes.Buffer
	require.NoError(t, EncodeIntegers(&b, want))
	raw := b.Bytes()
	got, err := DecodeIntegers(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	require.Equal(t, want, got)
	var theirs []int64
	r, err := npy.NewReader(bytes.NewReader(raw))
	require.NoError(t, err)
	require.NoError(t, r.Read(&theirs))
	require.Equal(t, want.Data, theirs)

	_, err = Decode(bytes.NewReader(raw), int64(len(raw)))
	require.EqualError(t, err, `element type is "<i8", wanted "<f4" (little-endian float32)`)
	_, err = DecodeIntegers(bytes.NewReader(raw[:len(raw)-8]), int64(len(raw)-8))
	require.EqualError(t, err, "holds 40 bytes of data, shape [2 3] of int64 wants another number")
	require.ErrorContains(t, EncodeIntegers(&b, Integers{[]int{7}, nil}), "does not fit 0 elements")
}

// TestNarrowIntegers: int32, negative ones too, become the same numbers.
func TestNarrowIntegers(t *testing.T) {
	b := file(1, "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }")
	b = binary.LittleEndian.AppendUint32(b, 7)
	b = binary.LittleEndian.AppendUint32(b, 1<<32-2)
	b = binary.LittleEndian.AppendUint32(b, 1<<31)
	got, err := DecodeIntegers(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	require.Equal(t, Integers{[]int{3}, []int64{7, -2, math.MinInt32}}, got)
	_, err = DecodeIntegers(bytes.NewReader(b[:len(b)-4]), int64(len(b)-4))
	require.EqualError(t, err, "holds 8 bytes of data, shape [3] of int32 wants another number")
}
