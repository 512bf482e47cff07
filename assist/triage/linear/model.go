package linear

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Model gives the probability of one label.
type Model struct {
	bias    float32
	scale   float32
	weights []int8
}

// Score is the log odds of the label.
func (m *Model) Score(v Vector) float64 {
	sum := int64(0)
	for _, i := range v.Indexes {
		sum += int64(m.weights[i])
	}
	return float64(m.bias) + float64(m.scale)*float64(v.Value)*float64(sum)
}

// Probability is the probability of the label.
func (m *Model) Probability(v Vector) float64 { return Logistic(m.Score(v)) }

// Logistic turns log odds into a probability.
func Logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// headerSize is the length of bias and scale.
const headerSize = 8

// Size is the length of a model's file in bytes.
const Size = headerSize + 1<<Bits

// Read reads a model that Bytes wrote.
func Read(data []byte) (*Model, error) {
	if len(data) != Size {
		return nil, fmt.Errorf("a linear model of %d bytes, wanted %d", len(data), Size)
	}
	m := &Model{
		bias:    math.Float32frombits(binary.LittleEndian.Uint32(data)),
		scale:   math.Float32frombits(binary.LittleEndian.Uint32(data[4:])),
		weights: make([]int8, 1<<Bits),
	}
	if !(m.scale > 0) || math.IsInf(float64(m.scale), 0) || math.IsNaN(float64(m.bias)) {
		return nil, errors.New("a linear model whose numbers are none")
	}
	for i, b := range data[headerSize:] {
		m.weights[i] = int8(b)
	}
	return m, nil
}

// Bytes writes a model as Read reads it: bias and scale as little-endian
// float32, then a byte for each weight.
func (m *Model) Bytes() []byte {
	out := make([]byte, 0, Size)
	out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m.bias))
	out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m.scale))
	for _, w := range m.weights {
		out = append(out, byte(w))
	}
	return out
}
