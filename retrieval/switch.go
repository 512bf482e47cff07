package retrieval

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// EmbedderState says what an embedder's vectors are for.
type EmbedderState string

// Vectors of one embedder at most are searched, and of one at most are coming:
// they take the place of the others when there is one for every published chunk.
// A cancelled switch can be resumed; retired vectors are removed after a while.
const (
	EmbedderSearched  EmbedderState = "searched"
	EmbedderComing    EmbedderState = "coming"
	EmbedderCancelled EmbedderState = "cancelled"
	EmbedderRetired   EmbedderState = "retired"
)

// EmbedderProgress tells how far an embedder's vectors are.
type EmbedderProgress struct {
	Name       string
	State      EmbedderState
	Dimensions int // 0 while there is no vector
	// Wanted is how many chunks there are, Done how many have a vector, Refused how
	// many the embedder will not take, Reason why it did not take the last of them.
	Wanted, Done, Refused int
	Reason                string
	Since                 time.Time
}

// DropVectors asks for the removal of the vectors of an embedder that is retired.
type DropVectors struct {
	Embedder string `json:"embedder"`
}

// Kind names the job in the queue.
func (DropVectors) Kind() string { return "drop_vectors" }

// Switcher is what embedding under several embedders needs of the store.
type Switcher interface {
	Vectors
	// Embedders names the embedder whose vectors are searched and the one that is
	// coming; empty where there is none.
	Embedders(ctx context.Context) (searched, coming string, err error)
	// Flip makes the coming embedder the one that is searched, in one transaction,
	// if its vectors are whole.
	Flip(ctx context.Context, coming string) (bool, error)
}

// EmbedNow embeds what lacks a vector in a site, by the embedder that is searched
// and by the one that is coming, and lets the latter take the former's place when
// it is whole. make makes embedders by name. It returns how many vectors it
// stored. It can be interrupted and called again.
func EmbedNow(ctx context.Context, store Switcher, make func(name string) (Embedder, error), siteID string, progress func(done int)) (int, error) {
	searched, coming, err := store.Embedders(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask which embedders are in use: %w", err)
	}
	total := 0
	var errs []error
	for _, name := range []string{searched, coming} {
		if name == "" {
			continue
		}
		embedder, err := make(name)
		if err != nil {
			// One that cannot be had any more must not stop the one that replaces it.
			errs = append(errs, err)
			continue
		}
		before := total
		n, err := EmbedPending(ctx, store, embedder, siteID, func(done int) {
			if progress != nil {
				progress(before + done)
			}
		})
		total += n
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if name != coming {
			continue
		}
		switch flipped, err := store.Flip(ctx, coming); {
		case err != nil:
			errs = append(errs, fmt.Errorf("switch to %s: %w", coming, err))
		case flipped:
			return total, nil // whatever the other one's trouble was
		}
	}
	return total, errors.Join(errs...)
}
