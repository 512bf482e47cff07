package source

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/careloop/careloop/retrieval"
)

// Limits of an archive: a small file can hold gigabytes.
const (
	maxEntries   = 20_000
	maxUnpacked  = 512 << 20 // bytes of all entries together
	maxTableFile = 64 << 20  // bytes of a table in an archive
	maxRatio     = 200       // unpacked by packed, of what is larger than
	ratioFrom    = 1 << 20   // bytes
	maxEntryName = 1000      // bytes
)

// archive reads what an archive holds. A problem with the archive as a whole
// comes without a key, so that nothing counts as gone for it.
func (b *bundle) archive(ctx context.Context, f File, yield func(retrieval.Item) bool) bool {
	fail := func(format string, args ...any) bool { return yield(problem("", f.Name, 0, format, args...)) }
	file, err := os.Open(f.Path)
	if err != nil {
		return fail("%s", reason(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fail("%s", reason(err))
	}
	if n, err := countEntries(file); err != nil || n > maxEntries {
		return fail("the archive holds more than %s files; divide it into several", thousands(maxEntries))
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fail("this is not a ZIP archive, or it is damaged; pack it again")
	}
	entries := wanted(z.File)
	b.total.Add(int64(len(entries) - 1))
	left := int64(maxUnpacked)
	for _, e := range entries {
		if ctx.Err() != nil {
			return false
		}
		going, err := b.entry(ctx, f.Name, e, &left, yield)
		if !going {
			return false
		}
		if err != nil {
			return fail("%s; the rest of the archive was not read", err)
		}
	}
	return true
}

// wanted leaves out folders, and what systems put into archives unasked.
func wanted(files []*zip.File) []*zip.File {
	var out []*zip.File
	for _, e := range files {
		name := strings.ReplaceAll(e.Name, "\\", "/")
		hidden := strings.HasPrefix(path.Base(name), ".") && path.Base(name) != ".." || strings.HasPrefix(name, "__MACOSX/") || strings.EqualFold(path.Base(name), "thumbs.db")
		if !strings.HasSuffix(name, "/") && !hidden {
			out = append(out, e)
		}
	}
	return out
}

// entry reads one entry. The error is about the whole archive and ends it.
func (b *bundle) entry(ctx context.Context, in string, e *zip.File, left *int64, yield func(retrieval.Item) bool) (going bool, err error) {
	name, err := entryName(e)
	if err != nil {
		return yield(gone(in+"/"+name, err.Error())), nil
	}
	shown := in + "/" + name
	kind := uploadKind(name)
	switch {
	case kind == "zip" || isPacked(name):
		return yield(gone(shown, "an archive within the archive is not opened; hand it in by itself")), nil
	case kind == "":
		return yield(gone(shown, unknownKind)), nil
	case !e.Mode().IsRegular():
		return yield(gone(shown, "this is a link or a device, not a file")), nil
	case e.Flags&1 != 0:
		return yield(problem("", shown, 0, "it is locked with a password; pack the archive without one")), nil
	case e.Method != zip.Store && e.Method != zip.Deflate:
		return yield(problem("", shown, 0, "it is packed in a way that is not supported; use plain ZIP")), nil
	}
	limit := int64(maxFile)
	if kind == "csv" || kind == "jsonl" {
		limit = maxTableFile
	}
	path, text, err := b.unpack(e, kind, limit, left)
	if path != "" {
		defer os.Remove(path)
	}
	var whole *bombError
	switch {
	case errors.As(err, &whole):
		return true, fmt.Errorf("%s: %w", name, err)
	case err != nil:
		return yield(problem(name, shown, 0, "%s", err)), nil
	case kind == "markdown" || kind == "html":
		item := readArticleText(name, text, kind == "html")
		if item.Err != nil {
			item.Err.File = shown
		} else {
			item.File = shown
		}
		return yield(item), nil
	case kind == "jsonl":
		return b.read(ctx, File{Name: shown, Path: path}, yield), nil
	}
	return b.rows(ctx, &csvFile{path: path, shown: shown}, yield), nil
}

// entryName is an entry's path within the archive. Names are never used as paths
// of the file system.
func entryName(e *zip.File) (string, error) {
	name := strings.ReplaceAll(e.Name, "\\", "/")
	if !utf8.ValidString(name) {
		decoded, err := charmap.CodePage437.NewDecoder().String(name)
		if err != nil {
			decoded = strings.ToValidUTF8(name, "?")
		}
		name = decoded
	}
	if len(name) > maxEntryName {
		return clip(name), errors.New("its name is too long")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r < ' ' {
				return '?'
			}
			return r
		}, name), "?"), errors.New("its name holds characters that no file's name does")
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) || strings.Contains(name, ":") {
		return name, errors.New("its path leads out of the archive, so it was not read")
	}
	return path.Clean(name), nil
}

// isPacked tells other kinds of archives by their names.
func isPacked(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar", ".docx", ".xlsx", ".epub":
		return true
	}
	return false
}

// bombError is about an archive that unpacks to more than is good.
type bombError struct{ says string }

func (e *bombError) Error() string { return e.says }

// unpack reads an entry: an article into memory, a table into a file. What counts
// is what comes out, not what the archive says of itself.
func (b *bundle) unpack(e *zip.File, kind string, limit int64, left *int64) (path string, text []byte, err error) {
	r, err := e.Open()
	if err != nil {
		return "", nil, errors.New("it is damaged; pack the archive again")
	}
	defer r.Close()
	guarded := &unpacking{r: r, packed: int64(e.CompressedSize64), limit: limit, left: left}
	if kind == "markdown" || kind == "html" {
		text, err = io.ReadAll(guarded)
		return "", text, unpackError(err)
	}
	f, err := os.CreateTemp(b.scratch, "entry-*")
	if err != nil {
		return "", nil, err
	}
	_, err = io.Copy(f, guarded)
	return f.Name(), nil, unpackError(errors.Join(err, f.Close()))
}

func unpackError(err error) error {
	var flated flate.CorruptInputError
	switch {
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &flated):
		return errors.New("it is damaged; pack the archive again")
	}
	return err
}

// unpacking bounds what comes out of an entry.
type unpacking struct {
	r      io.Reader
	packed int64
	out    int64
	limit  int64  // of this entry
	left   *int64 // of the archive
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.out += int64(n)
	*u.left -= int64(n)
	switch {
	case *u.left < 0:
		return n, &bombError{fmt.Sprintf("the archive unpacks to more than %d MB", maxUnpacked>>20)}
	case u.out > ratioFrom && u.out > maxRatio*max(u.packed, 1):
		return n, &bombError{fmt.Sprintf("it unpacks to more than %d times its size, as no text does", maxRatio)}
	case u.out > u.limit:
		return n, tooLarge("the file", u.limit)
	}
	return n, err
}

// countEntries counts what looks like an entry of an archive's list, without
// keeping any of it, and stops counting beyond what is allowed.
func countEntries(r io.ReadSeeker) (int, error) {
	mark := []byte("PK\x01\x02")
	in := bufio.NewReaderSize(r, 64<<10)
	n := 0
	for n <= maxEntries {
		head, err := in.Peek(in.Size())
		if at := bytes.Index(head, mark); at >= 0 {
			n++
			_, _ = in.Discard(at + len(mark)) // it was peeked at
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return n, err
		}
		_, _ = in.Discard(len(head) - len(mark) + 1)
	}
	_, err := r.Seek(0, io.SeekStart)
	return n, err
}
