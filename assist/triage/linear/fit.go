package linear

import (
	"math"
	"math/rand/v2"
)

// Example is a text with its label.
type Example struct {
	Text string
	// Target is the probability that it has the label.
	Target float64
	// Weight is how much it counts.
	Weight float64
}

// Options say how to fit.
type Options struct {
	// Epochs is how often each example is seen.
	Epochs int
	// Rate is the step size of AdaGrad.
	Rate float64
	// Decay pulls each weight to zero, per example seen.
	Decay float64
	Seed  uint64
}

// Fit fits a model by AdaGrad (Duchi, Hazan and Singer, 2011) on the logistic
// loss. The same examples and options give the same model.
func Fit(examples []Example, o Options) *Model {
	vectors := make([]Vector, len(examples))
	for i, e := range examples {
		vectors[i] = Features(e.Text)
	}
	weights, squares := make([]float64, 1<<Bits), make([]float64, 1<<Bits)
	bias, biasSquares := 0.0, 0.0
	random := rand.New(rand.NewPCG(o.Seed, 1))
	for range o.Epochs {
		for _, i := range random.Perm(len(examples)) {
			e, v := examples[i], vectors[i]
			score := bias
			for _, j := range v.Indexes {
				score += weights[j] * float64(v.Value)
			}
			slope := (Logistic(score) - e.Target) * e.Weight
			biasSquares += slope * slope
			bias -= o.Rate * slope / (math.Sqrt(biasSquares) + 1e-8)
			for _, j := range v.Indexes {
				g := slope*float64(v.Value) + o.Decay*weights[j]
				squares[j] += g * g
				weights[j] -= o.Rate * g / (math.Sqrt(squares[j]) + 1e-8)
			}
		}
	}
	return pack(bias, weights)
}

// pack rounds the weights to bytes.
func pack(bias float64, weights []float64) *Model {
	largest := 1e-6
	for _, w := range weights {
		largest = max(largest, math.Abs(w))
	}
	m := &Model{bias: float32(bias), scale: float32(largest / 127), weights: make([]int8, len(weights))}
	for i, w := range weights {
		m.weights[i] = int8(math.Round(w / float64(m.scale)))
	}
	return m
}
