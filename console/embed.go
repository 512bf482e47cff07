// Package console holds the agents' and admins' pages as built files.
package console

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Assets returns the built files: index.html (the one page), app.js, app.css
// and icon.svg, and what is loaded later: chunks named NAME-HASH.js and
// knowledge.css.
func Assets() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a constant and a valid path
	}
	return sub
}
