package inbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/careloop/careloop/assist"
)

// Bounds of lists.
const (
	MaxPage    = 100
	MaxEvents  = 200
	MaxFilters = 50 // of an agent at a site
	MaxMacros  = 500
)

// Page is a page of a list and how many each view has.
type Page struct {
	Items []Row
	// Next is where the next page begins; empty after the last.
	Next   string
	Counts Counts
}

// List reads a page. cursor is the Next of the page before; empty: the first.
// Errors: CodeBadCursor.
func (d *Desk) List(ctx context.Context, q Query, cursor string) (Page, error) {
	q.Limit = min(max(q.Limit, 1), MaxPage)
	if cursor != "" {
		after, err := readCursor(cursor)
		if err != nil {
			return Page{}, err
		}
		q.After = after
	}
	if q.TeamID != "" && uuid.Validate(q.TeamID) != nil {
		return Page{}, &assist.Error{Code: CodeUnknownTeam}
	}
	wanted := q.Limit
	q.Limit++ // one more tells whether there are more
	rows, err := d.Store.List(ctx, q)
	if err != nil {
		return Page{}, err
	}
	p := Page{Items: rows}
	if len(rows) > wanted {
		p.Items = rows[:wanted]
		p.Next = cursorOf(p.Items[wanted-1], q.View).text()
	}
	p.Counts, err = d.Store.Counts(ctx, q.SiteID, q.AgentID)
	return p, err
}

// cursorOf names the place of a row in a view.
func cursorOf(r Row, v View) Cursor {
	if v == Waiting && r.WaitingSince != nil {
		return Cursor{Urgency: r.Urgency, At: *r.WaitingSince, ID: r.ID}
	}
	return Cursor{At: r.UpdatedAt, ID: r.ID}
}

func (c Cursor) text() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // a number, a time and a string
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCursor(s string) (Cursor, error) {
	var c Cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err == nil {
		err = uuid.Validate(c.ID)
	}
	if err != nil || c.At.IsZero() || c.At.Year() > 9000 || c.At.Year() < 1 {
		return Cursor{}, &assist.Error{Code: CodeBadCursor}
	}
	return c, nil
}

// Words are the words of a search, in lower case, at most maxWords.
func Words(s string) []string {
	list := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return list[:min(len(list), maxWords)]
}

const maxWords = 12
