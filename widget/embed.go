// Package widget holds the shopper's widget as built files: the loader that a shop's page
// includes, and the app that runs in the loader's frame.
package widget

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Assets returns the built files: widget.js (the loader), frame.html (the app's page), app.js,
// app.css, and words.LANGUAGE.json for each language beside English, which app.js holds.
func Assets() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a constant and a valid path
	}
	return sub
}
