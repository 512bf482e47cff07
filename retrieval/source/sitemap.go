package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// Limits of sitemaps; the first two are the protocol's own.
const (
	maxSitemap      = 50 << 20 // bytes, unpacked
	maxPages        = 50_000   // of one import, unless told otherwise
	maxSitemaps     = 500      // files of one import
	maxSitemapDepth = 3        // indexes within indexes
	maxXMLDepth     = 20
	maxLoc          = 4096 // bytes
)

// looksLikeSitemap tells by a document's beginning.
func looksLikeSitemap(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		return true
	}
	head = bytes.ToLower(head[:min(len(head), 2048)])
	return bytes.Contains(head, []byte("<urlset")) || bytes.Contains(head, []byte("<sitemapindex")) || bytes.Contains(head, []byte(":urlset"))
}

// siteMap is what a sitemap lists.
type siteMap struct {
	pages, sitemaps []string // at most as many as were asked for
	count           int      // of all pages that it lists
}

// parseSitemap reads a sitemap or an index of sitemaps, packed or not, and keeps
// at most limit of each. Beside an error it returns what it had read before.
// Entities other than XML's own five are an error: nothing is expanded or fetched.
func parseSitemap(r io.Reader, limit int) (m siteMap, err error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return m, errors.New("the file is not packed by gzip as it seems to be")
		}
		defer unpacked.Close()
		in = bufio.NewReader(unpacked)
	}
	limited := &io.LimitedReader{R: in, N: maxSitemap + 1}
	d := xml.NewDecoder(limited)
	d.CharsetReader = charset.NewReaderLabel
	var path []string
	var loc strings.Builder
	for {
		token, err := d.RawToken()
		switch {
		case limited.N <= 0:
			return m, errSitemapTooLarge
		case err == io.EOF && len(path) == 0 && (m.count+len(m.sitemaps) > 0 || loc.Len() > 0):
			return m, nil
		case err == io.EOF && len(path) == 0:
			return siteMap{}, errors.New("the sitemap lists no pages")
		case err == io.EOF:
			return m, errors.New("the sitemap ends in the middle")
		case err != nil:
			line, _ := d.InputPos()
			return m, fmt.Errorf("the sitemap is not XML (line %d)", line)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > maxXMLDepth {
				return m, errors.New("the sitemap is nested too deeply")
			}
			loc.Reset()
		case xml.CharData:
			if len(path) == 3 && path[2] == "loc" && loc.Len() < maxLoc {
				loc.Write(t)
			}
		case xml.EndElement:
			if len(path) == 0 || path[len(path)-1] != t.Name.Local {
				line, _ := d.InputPos()
				return m, fmt.Errorf("the sitemap is not XML (line %d)", line)
			}
			if len(path) == 3 && path[2] == "loc" {
				m.take(path[0], path[1], strings.TrimSpace(loc.String()), limit)
			}
			path = path[:len(path)-1]
		}
	}
}

var errSitemapTooLarge = fmt.Errorf("the sitemap is larger than %d MB", maxSitemap>>20)

// take keeps an address that stands in a sitemap, or counts it only.
func (m *siteMap) take(list, entry, address string, limit int) {
	switch {
	case address == "" || len(address) >= maxLoc:
	case list == "urlset" && entry == "url":
		if m.count++; len(m.pages) < limit {
			m.pages = append(m.pages, address)
		}
	case list == "sitemapindex" && entry == "sitemap" && len(m.sitemaps) < maxPages:
		m.sitemaps = append(m.sitemaps, address)
	}
}
