package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/careloop/careloop/assist/triage/linear"
)

// sentences is how many sentences are made of a line with alternatives.
const sentences = 60

// written reads a file of sentences: "# label" begins a label's, and {a|b|c}
// in a sentence stands for each of its alternatives. targets has the probability
// for each label; without one it is 0.
func written(name string, targets map[string]float64, weight float64) ([]linear.Example, error) {
	random := rand.New(rand.NewPCG(7, 7))
	var out []linear.Example
	label := ""
	err := lines(name, func(line string) error {
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			label = rest
			return nil
		}
		for _, text := range spell(line, random) {
			out = append(out, linear.Example{Text: text, Target: targets[label], Weight: weight})
		}
		return nil
	})
	return out, err
}

// joined makes n longer messages of two or three sentences each. Who writes more
// than one sentence says the least pleasant thing in one of them.
func joined(examples []linear.Example, n int) []linear.Example {
	random := rand.New(rand.NewPCG(11, 11))
	ends := []string{" ", ". ", "! ", ", ", "... ", "? "}
	var out []linear.Example
	for range n {
		e := examples[random.IntN(len(examples))]
		for range 1 + random.IntN(2) {
			other := examples[random.IntN(len(examples))]
			e.Text += ends[random.IntN(len(ends))] + other.Text
			e.Target = max(e.Target, other.Target)
		}
		out = append(out, e)
	}
	return out
}

// spell makes up to sentences different sentences of a line.
func spell(line string, random *rand.Rand) []string {
	var out []string
	for range sentences * 4 {
		var b strings.Builder
		for rest := line; rest != ""; {
			before, after, found := strings.Cut(rest, "{")
			b.WriteString(before)
			if !found {
				break
			}
			choice, remaining, _ := strings.Cut(after, "}")
			alternatives := strings.Split(choice, "|")
			b.WriteString(alternatives[random.IntN(len(alternatives))])
			rest = remaining
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
		if len(out) == sentences {
			break
		}
	}
	return out
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// ratings reads a file of the sentiment ratings published with VADER: a number, the
// mean of twenty ratings from -4 to 4, a text. Texts near the border between
// neutral and negative teach nothing and are left out.
func ratings(name string, weight float64) ([]linear.Example, error) {
	const border, doubt = -0.45, 0.25
	var out []linear.Example
	err := lines(name, func(line string) error {
		fields := strings.SplitN(line, "\t", 3)
		if len(fields) != 3 {
			return fmt.Errorf("wanted three fields, got %q", line)
		}
		rating, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return err
		}
		if rating < border-doubt || rating > border+doubt {
			out = append(out, linear.Example{Text: html.UnescapeString(strings.ToValidUTF8(fields[2], "")), Target: yes(rating < border), Weight: weight})
		}
		return nil
	})
	return out, err
}

// questions reads a JSONL file of questions to an assistant, none of which asks
// for a person.
func questions(name string, weight float64) ([]linear.Example, error) {
	var out []linear.Example
	err := lines(name, func(line string) error {
		var row struct{ Text string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			return err
		}
		out = append(out, linear.Example{Text: row.Text, Weight: weight})
		return nil
	})
	return out, err
}

// lines calls each with every line of a file that holds something.
func lines(name string, each func(line string) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, 1<<20)
	for number := 1; scan.Scan(); number++ {
		if line := strings.TrimSpace(scan.Text()); line != "" {
			if err := each(line); err != nil {
				return fmt.Errorf("%s:%d: %w", name, number, err)
			}
		}
	}
	return scan.Err()
}
