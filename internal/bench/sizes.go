package main

import (
	"compress/gzip"
	"fmt"
	"io/fs"
	"math"

	"github.com/careloop/careloop/widget"
)

// measureSizes packs what a shop's page and the widget's frame load, as a server
// that compresses well would send it.
func measureSizes(t *table) error {
	for _, s := range []struct {
		what  string
		files []string
		most  int
	}{
		{"the loader, gzipped", []string{"widget.js"}, 4 << 10},
		{"the app, gzipped", []string{"app.js", "app.css"}, 25 << 10},
	} {
		packed, plain := 0, 0
		for _, file := range s.files {
			b, err := fs.ReadFile(widget.Assets(), file)
			if err != nil {
				return err
			}
			n, err := gzipped(b)
			if err != nil {
				return err
			}
			packed, plain = packed+n, plain+len(b)
		}
		t.add(row{
			what: s.what, careloop: fmt.Sprintf("%d bytes", packed), baseline: fmt.Sprintf("%d bytes unpacked", plain),
			ratio: math.NaN(), target: fmt.Sprintf("at most %d bytes", s.most), met: packed <= s.most,
		})
	}
	return nil
}

func gzipped(b []byte) (int, error) {
	var n counter
	w, err := gzip.NewWriterLevel(&n, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(b); err != nil {
		return 0, err
	}
	err = w.Close() // writes the rest
	return int(n), err
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
