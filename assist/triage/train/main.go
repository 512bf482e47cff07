// Command train fits the linear models of triage and writes them beside it. The
// same inputs give the same files. README.md says where the inputs come from.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/careloop/careloop/assist/triage/linear"
)

func main() {
	own := flag.String("data", "assist/triage/train/data", "folder of the sentences written for this")
	rated := flag.String("rated", "", "folder with tweets_GroundTruth.txt and amazonReviewSnippets_GroundTruth.txt, published with VADER")
	asked := flag.String("asked", "", "folder with the training examples of CLINC150 and BANKING77 as scope-clinc150-train.jsonl and macro-banking77-train.jsonl")
	out := flag.String("out", "assist/triage", "folder that the models are written to")
	flag.Parse()
	if err := train(*own, *rated, *asked, *out); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func train(own, rated, asked, out string) error {
	for name, examples := range map[string]func() ([]linear.Example, error){
		"negative": func() ([]linear.Example, error) { return negative(own, rated) },
		"person": func() ([]linear.Example, error) {
			return wish(own, asked, map[string]float64{"person": 1})
		},
		"contact": func() ([]linear.Example, error) {
			return wish(own, asked, map[string]float64{"person": 1, "desk": 1, "contact": 1})
		},
	} {
		list, err := examples()
		if err != nil {
			return err
		}
		model := linear.Fit(list, linear.Options{Epochs: epochs[name], Rate: 0.1, Seed: 1})
		if err := os.WriteFile(filepath.Join(out, name+".bin"), model.Bytes(), 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d examples\n", name, len(list))
	}
	return nil
}

var epochs = map[string]int{"negative": 10, "person": 5, "contact": 5}

// How much an example counts, by where it comes from, and how many longer
// messages are put together of the sentences. Chosen by the figures on the
// development sets that README.md names.
const (
	tweetWeight, reviewWeight = 1, 0.5
	askedWeight               = 0.2
	otherWeight               = 0.3
	longMessages              = 16000
	longWishes                = 6000
)

// feelings are the probabilities of anger or distress of the sections of the
// files of feelings. Whoever reports a problem calmly is often not glad of it.
var feelings = map[string]float64{"negative": 1, "problem": 0.8, "neutral": 0, "positive": 0}

func negative(own, folder string) ([]linear.Example, error) {
	list, err := written(filepath.Join(own, "feeling.en.txt"), feelings, 1)
	if err != nil {
		return nil, err
	}
	list = append(list, joined(list, longMessages)...)
	others, err := written(filepath.Join(own, "feeling.de-fr-es.txt"), feelings, 1)
	if err != nil {
		return nil, err
	}
	list = append(list, others...)
	for _, set := range []struct {
		name   string
		weight float64
	}{{"tweets", tweetWeight}, {"amazonReviewSnippets", reviewWeight}} {
		texts, err := ratings(filepath.Join(folder, set.name+"_GroundTruth.txt"), set.weight)
		if err != nil {
			return nil, err
		}
		list = append(list, texts...)
	}
	return list, nil
}

// wish makes the examples of a wish; targets names the sections that have it.
func wish(own, folder string, targets map[string]float64) ([]linear.Example, error) {
	list, err := written(filepath.Join(own, "person.txt"), targets, 1)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"feeling.en.txt", "feeling.de-fr-es.txt"} {
		others, err := written(filepath.Join(own, name), nil, otherWeight)
		if err != nil {
			return nil, err
		}
		list = append(list, others...)
	}
	list = append(list, joined(list, longWishes)...)
	for _, name := range []string{"scope-clinc150-train.jsonl", "macro-banking77-train.jsonl"} {
		texts, err := questions(filepath.Join(folder, name), askedWeight)
		if err != nil {
			return nil, err
		}
		list = append(list, texts...)
	}
	return list, nil
}
