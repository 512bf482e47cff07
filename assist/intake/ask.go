package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/careloop/careloop/retrieval/source"
)

// Take takes an upload: next gives its files one after the other, and io.EOF
// behind the last. Each is written to a file as it comes, so that none is ever
// whole in memory. Errors: CodeTooLarge, CodeEmpty, CodeUnknownKind, CodeBusy.
func (in *Intake) Take(ctx context.Context, siteID, name string, next func() (string, io.Reader, error), by Actor) (Run, error) {
	dir, err := os.MkdirTemp(in.Scratch, "upload-*")
	if err != nil {
		return Run{}, fmt.Errorf("there is no room for an upload: %w", err)
	}
	defer os.RemoveAll(dir)
	var files []Upload
	r := Run{Kind: KindFiles, State: Reading}
	for {
		called, body, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Run{}, err
		}
		called = fileName(called)
		if !source.CanRead(called) {
			return Run{}, refuse(CodeUnknownKind, fmt.Errorf("file %q", called))
		}
		if len(files) == MaxFiles {
			return Run{}, refuse(CodeTooLarge, fmt.Errorf("more than %d files", MaxFiles))
		}
		u := Upload{Name: called, Path: fmt.Sprintf("%s/%d", dir, len(files))}
		n, err := keep(u.Path, body, MaxBytes-r.Bytes)
		if err != nil {
			return Run{}, err
		}
		r.Bytes += n
		files = append(files, u)
	}
	if r.Bytes == 0 {
		return Run{}, refuse(CodeEmpty, nil)
	}
	r.FileName = files[0].Name
	if len(files) > 1 {
		r.FileName = fmt.Sprintf("%s + %d", r.FileName, len(files)-1)
	}
	if r.Name = cleanName(name); r.Name == "" {
		r.Name = cleanName(files[0].Name)
	}
	if len(files) == 1 && source.IsTable(files[0].Name) {
		if g, ok := source.LookInto(files[0].Path); ok && !g.Known() {
			r.State, r.Table = Asking, tableOf(g)
		}
	}
	return in.Store.StartFiles(ctx, siteID, r, files, by)
}

// tableOf is what is asked about a table, with a guess for an answer.
func tableOf(g source.Glance) *Table {
	t := &Table{Headings: g.Headings, Rows: g.Rows, Columns: g.Columns, Heading: true}
	if t.Rows == nil {
		t.Rows = [][]string{}
	}
	return t
}

// keep writes a file of at most limit bytes. Errors: CodeTooLarge.
func keep(path string, body io.Reader, limit int64) (int64, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, io.LimitReader(body, limit+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return n, err
	}
	if n > limit {
		return n, refuse(CodeTooLarge, fmt.Errorf("more than %d bytes", MaxBytes))
	}
	return n, nil
}

// fileName is the last part of what a browser calls a file.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\\", "/"))
	return cleanName(s)
}

func cleanName(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	return strings.TrimSpace(clip(strings.TrimSpace(s), maxName))
}

// SetColumns says which column of a table is what, and has it read.
// Errors: CodeUnknownImport, CodeNotReady, CodeBadColumns, CodeBusy.
func (in *Intake) SetColumns(ctx context.Context, siteID, id string, columns map[string]int, heading bool) (Run, error) {
	r, err := in.Store.Run(ctx, siteID, id)
	if err != nil {
		return Run{}, err
	}
	if r.State != Asking || r.Table == nil {
		return Run{}, refuse(CodeNotReady, nil)
	}
	taken := map[int]bool{}
	for what, n := range columns {
		if !columnKinds[what] || n < 0 || n >= len(r.Table.Headings) || taken[n] {
			return Run{}, refuse(CodeBadColumns, fmt.Errorf("column %d as %q", n, what))
		}
		taken[n] = true
	}
	_, question := columns["question"]
	_, answer := columns["answer"]
	if !question || !answer {
		return Run{}, refuse(CodeBadColumns, errors.New("no question or no answer"))
	}
	t := *r.Table
	t.Columns, t.Heading = columns, heading
	if err := in.Store.SetTable(ctx, siteID, id, t); err != nil {
		return Run{}, err
	}
	return in.Store.Run(ctx, siteID, id)
}

var columnKinds = map[string]bool{"question": true, "answer": true, "url": true, "tags": true, "locale": true, "id": true, "slug": true}

// Apply has what is chosen applied, or goes on with it.
// Errors: CodeUnknownImport, CodeNotReady, CodeNothingChosen, CodeBusy.
func (in *Intake) Apply(ctx context.Context, siteID, id string) (Run, error) {
	r, err := in.Store.Run(ctx, siteID, id)
	if err != nil {
		return Run{}, err
	}
	if (r.State == Ready || r.State == Stopped) && r.Counts.Chosen <= r.Counts.Applied+r.Counts.Failed {
		return Run{}, refuse(CodeNothingChosen, nil)
	}
	return in.begin(ctx, siteID, id, []State{Ready, Stopped}, Applying)
}

// Cancel lets go of a preview, or stops an application between two batches.
// Errors: CodeUnknownImport, CodeNotReady.
func (in *Intake) Cancel(ctx context.Context, siteID, id string) (Run, error) {
	r, err := in.begin(ctx, siteID, id, []State{Applying}, Stopped)
	if codeIs(err, CodeNotReady) {
		r, err = in.begin(ctx, siteID, id, []State{Asking, Reading, Ready}, Cancelled)
	}
	if codeIs(err, CodeNotReady) { // what is partly applied is let go of as it is
		r, err = in.begin(ctx, siteID, id, []State{Stopped}, Done)
	}
	return r, err
}

// Undo takes an applied run back.
// Errors: CodeUnknownImport, CodeNotReady, CodeBusy.
func (in *Intake) Undo(ctx context.Context, siteID, id string) (Run, error) {
	r, err := in.Store.Run(ctx, siteID, id)
	if err != nil {
		return Run{}, err
	}
	if r.Counts.Applied == 0 {
		return Run{}, refuse(CodeNotReady, nil)
	}
	return in.begin(ctx, siteID, id, []State{Done, Stopped, Ready, Replaced, Cancelled}, Undoing)
}

func (in *Intake) begin(ctx context.Context, siteID, id string, from []State, to State) (Run, error) {
	if err := in.Store.Begin(ctx, siteID, id, from, to); err != nil {
		return Run{}, err
	}
	return in.Store.Run(ctx, siteID, id)
}

// AddSource stores an address that is to be read, and begins to read it.
// Errors: CodeBadAddress, CodeBadSchedule, CodeSourceExists.
func (in *Intake) AddSource(ctx context.Context, siteID string, s Source, by Actor) (Source, Run, error) {
	u, err := url.Parse(strings.TrimSpace(s.Address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || len(s.Address) > 2000 || !utf8.ValidString(s.Address) {
		return Source{}, Run{}, refuse(CodeBadAddress, err)
	}
	if err := checkSchedule(s.EveryHours); err != nil {
		return Source{}, Run{}, err
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Host, u.Fragment, u.RawFragment = strings.ToLower(u.Host), "", ""
	s.Address = u.String()
	s.Name = s.Address
	if s, err = in.Store.AddSource(ctx, siteID, s, by); err != nil {
		return Source{}, Run{}, err
	}
	r, err := in.Store.StartSource(ctx, siteID, s.ID, by)
	return s, r, err
}

// ChangeSource changes how a source is read. Errors: CodeUnknownSource,
// CodeBadSchedule.
func (in *Intake) ChangeSource(ctx context.Context, siteID, id string, c SourceChange) (Source, error) {
	if c.EveryHours != nil {
		if err := checkSchedule(*c.EveryHours); err != nil {
			return Source{}, err
		}
	}
	return in.Store.ChangeSource(ctx, siteID, id, c)
}

func checkSchedule(hours int) error {
	if hours < 0 || hours > maxEvery {
		return refuse(CodeBadSchedule, fmt.Errorf("every %d hours", hours))
	}
	return nil
}
