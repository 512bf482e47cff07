package static

import (
	_ "embed" // for the table
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

//go:embed table.bin
var tableFile string

const (
	tableMagic = "CLTABLE1"
	// slotCount is how many places the vocabulary's hash table has: a power of
	// two, at least twice as many as there are tokens, so that searches end soon.
	slotCount = 1 << 17
	maxTokens = math.MaxUint16 // so that token number + 1 fits a slot
)

// table holds the tokens and their vectors as they stand in the file: a row is
// its scale times its signed bytes. train/export.py describes the format.
type table struct {
	dimensions int
	scales     []float32
	rows       string
	vocabulary string
	ends       []uint32 // where each token ends in vocabulary; it begins behind the one before
	slots      []uint16 // token number + 1 by hash, 0 where free
	longest    int      // bytes of the longest token
}

var errTable = errors.New("the embedding table is damaged")

// readTable makes the file ready to be searched. It keeps the string's bytes.
func readTable(file string) (*table, error) {
	header := len(tableMagic) + 8
	if len(file) < header || file[:len(tableMagic)] != tableMagic {
		return nil, fmt.Errorf("%w: it does not begin as one", errTable)
	}
	number := func(at int) uint32 { return binary.LittleEndian.Uint32([]byte(file[at : at+4])) }
	n, d := int(number(len(tableMagic))), int(number(len(tableMagic)+4))
	if n < 1 || n > maxTokens || d < 1 || d > 4096 || len(file) < header+n*(4+d) {
		return nil, fmt.Errorf("%w: %d tokens of %d dimensions in %d bytes", errTable, n, d, len(file))
	}
	t := &table{
		dimensions: d, scales: make([]float32, n), rows: file[header+4*n : header+n*(4+d)],
		vocabulary: file[header+n*(4+d):], ends: make([]uint32, n), slots: make([]uint16, slotCount),
	}
	at := 0
	for i := range n {
		t.scales[i] = math.Float32frombits(number(header + 4*i))
		length := strings.IndexByte(t.vocabulary[at:], '\n')
		if length < 1 {
			return nil, fmt.Errorf("%w: token %d is missing", errTable, i)
		}
		t.ends[i] = uint32(at + length)
		t.longest = max(t.longest, length)
		slot := hash(hashStart, t.vocabulary[at:at+length]) % slotCount
		for t.slots[slot] != 0 {
			slot = (slot + 1) % slotCount
		}
		t.slots[slot] = uint16(i + 1)
		at += length + 1
	}
	return t, nil
}

// add adds a token's vector to sum.
func (t *table) add(id int, sum []float32) {
	scale := t.scales[id]
	row := t.rows[id*t.dimensions:]
	row = row[:len(sum)]
	for i := range sum {
		sum[i] += scale * float32(int8(row[i]))
	}
}

// token is the text of a token.
func (t *table) token(id int) string {
	begin := uint32(0)
	if id > 0 {
		begin = t.ends[id-1] + 1
	}
	return t.vocabulary[begin:t.ends[id]]
}

// find returns the number of the token that consists of prefix and piece, whose
// hash is h, or -1.
func (t *table) find(h uint32, prefix string, piece []byte) int {
	for slot := h % slotCount; t.slots[slot] != 0; slot = (slot + 1) % slotCount {
		id := int(t.slots[slot]) - 1
		token := t.token(id)
		if len(token) == len(prefix)+len(piece) && token[:len(prefix)] == prefix && token[len(prefix):] == string(piece) {
			return id
		}
	}
	return -1
}

// FNV-1a, which can be carried on byte by byte.
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

func hash(h uint32, s string) uint32 {
	for i := range len(s) {
		h = hashByte(h, s[i])
	}
	return h
}

func hashByte(h uint32, b byte) uint32 { return (h ^ uint32(b)) * hashPrime }
