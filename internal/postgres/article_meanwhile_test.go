package postgres

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
)

// The second to save is shown what the first saved, also where the first has
// published it already.
func TestSavingOverAnother(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	a := e.live(t, "Title", "One.")
	theirs := e.save(t, a, "Ada's.")
	text := a.Draft.Text
	text.Markdown = "Bo's."
	save := func(revision, base int) error {
		return second(e.Save(ctx, e.site.ID, a.ID, revision, base, text, e.bo))
	}
	if got := wantMeanwhile(t, save(0, 1)); got.Markdown != "Ada's." || got.By != "Ada" || got.Revision != theirs.Revision {
		t.Errorf("theirs is %+v", got)
	}
	must(e.Publish(ctx, e.site.ID, a.ID, theirs.Revision, nil, "", e.ada))(t)
	if got := wantMeanwhile(t, save(0, 1)); got.Markdown != "Ada's." || got.Revision != 0 || got.BaseVersion != 2 {
		t.Errorf("theirs is %+v", got)
	}
	if got := wantMeanwhile(t, save(theirs.Revision, 1)); got.Markdown != "Ada's." {
		t.Errorf("theirs is %+v", got)
	}
	if err := save(0, 2); err != nil {
		t.Error(err)
	}
	// Revisions never come again: who had one long ago is told.
	d := e.get(t, a.ID).Draft
	must(e.Discard(ctx, e.site.ID, a.ID, d.Revision, e.ada))(t)
	if again := e.save(t, e.get(t, a.ID), "New."); again.Revision <= d.Revision {
		t.Errorf("%d after %d", again.Revision, d.Revision)
	}
	wantMeanwhile(t, save(d.Revision, 2))
}

// Whatever several people do at once: each saving either becomes a revision, or is
// refused with the text that it would have covered.
func TestSavingsAtOnceLoseNothing(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	rapid.Check(t, func(r *rapid.T) {
		a := e.written(t, "Title", "begin")
		people := rapid.IntRange(2, 5).Draw(r, "people")
		plans := make([][]string, people)
		for i := range plans {
			plans[i] = rapid.SliceOfN(rapid.SampledFrom([]string{"save", "save", "save", "publish", "discard", "rollback"}), 1, 6).Draw(r, "plan")
		}
		var mu sync.Mutex
		accepted := map[int]string{1: "begin"} // texts by revision
		covered := map[int]int{}               // how often a revision was saved over, published or let go
		published := []string{}
		together(people, func(i int) {
			mine := a.Draft
			for n, step := range plans[i] {
				switch step {
				case "save":
					text := mine.Text
					text.Title, text.Locale = "Title", "en"
					text.Markdown = fmt.Sprint("person ", i, " text ", n)
					d, err := e.Save(ctx, e.site.ID, a.ID, mine.Revision, mine.BaseVersion, text, e.ada)
					var m *article.Meanwhile
					switch {
					case err == nil:
						mu.Lock()
						if accepted[d.Revision] != "" {
							t.Errorf("revision %d came twice", d.Revision)
						}
						accepted[d.Revision] = text.Markdown
						covered[mine.Revision]++
						mu.Unlock()
						mine = d
					case errors.As(err, &m):
						if m.Theirs.Revision == mine.Revision && m.Theirs.BaseVersion == mine.BaseVersion {
							t.Errorf("refused for what they have: %+v", m.Theirs)
						}
						mine = m.Theirs
					default:
						t.Error(err)
					}
				case "publish":
					got, err := e.Publish(ctx, e.site.ID, a.ID, mine.Revision, nil, "", e.ada)
					if err == nil {
						if mine.Revision > 0 {
							mu.Lock()
							published = append(published, mine.Markdown)
							covered[mine.Revision]++
							mu.Unlock()
						}
						mine = got.Draft
					} else if code := assist.CodeOf(err); code != article.CodeChanged && (code != article.CodeBad || mine.Title != "") {
						t.Error(err)
					}
				case "discard":
					if mine.Revision == 0 {
						continue
					}
					got, err := e.Discard(ctx, e.site.ID, a.ID, mine.Revision, e.ada)
					if err == nil {
						mu.Lock()
						covered[mine.Revision]++
						mu.Unlock()
						mine = got.Draft
					} else if assist.CodeOf(err) != article.CodeChanged {
						t.Error(err)
					}
				case "rollback":
					if _, err := e.Rollback(ctx, e.site.ID, a.ID, 1, e.ada); err != nil && assist.CodeOf(err) != article.CodeUnknownVersion {
						t.Error(err)
					}
				}
			}
		})
		for revision, times := range covered {
			if revision > 0 && times > 1 {
				t.Errorf("revision %d was covered %d times", revision, times)
			}
		}
		now := e.get(t, a.ID)
		if now.Draft.Revision > 0 && now.Draft.Markdown != accepted[now.Draft.Revision] {
			t.Errorf("the draft is %q, saved was %q", now.Draft.Markdown, accepted[now.Draft.Revision])
		}
		var kept []string
		for _, v := range must(e.Versions(ctx, e.site.ID, a.ID))(t) {
			if v.Note == "" {
				kept = append(kept, must(e.Version(ctx, e.site.ID, a.ID, v.Version))(t).Markdown)
			}
		}
		for _, text := range published {
			if !slices.Contains(kept, text) {
				t.Errorf("%q was published and is in no version: %v", text, kept)
			}
		}
	})
	wantCounts(t, e.DB)
}

// An import leaves alone what people changed, until its source changes.
func TestImportsAndEdits(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	site := e.site.ID
	doc := faq(site, "1", "Returns", "en", "Within 30 days.")
	publish(t, e.DB, doc)
	list := must(e.List(ctx, site, article.Filter{Limit: 10}))(t).Items
	a := e.get(t, list[0].ID)
	if a.Source != "faq" || a.EditedAt != nil || a.UpdatedBy != "" || a.State != article.Published {
		t.Fatalf("imported %+v", a)
	}
	e.save(t, a, "Within 45 days.")
	a = e.get(t, a.ID)
	a = must(e.Publish(ctx, site, a.ID, a.Draft.Revision, nil, "", e.ada))(t)
	if a.EditedAt == nil || a.Source != "faq" || a.Key != "1" || a.Version != 2 {
		t.Errorf("edited %+v", a)
	}
	same := func(when string) {
		t.Helper()
		if string(must(e.Hashes(ctx, site, "faq"))(t)["1"]) != string(doc.Hash) {
			t.Errorf("%s the hash is not that of the import", when)
		}
		if got := publish(t, e.DB, doc); got[0] != retrieval.Unchanged {
			t.Errorf("%s the same import %v", when, got)
		}
	}
	same("edited")
	a = must(e.Unpublish(ctx, site, a.ID, e.ada))(t)
	same("taken back")
	if a = e.get(t, a.ID); a.State != article.Unpublished {
		t.Errorf("the import published it again: %+v", a.Row)
	}
	must(e.Publish(ctx, site, a.ID, 0, nil, "", e.ada))(t)
	changed := faq(site, "1", "Returns", "en", "Within 14 days.")
	if got := publish(t, e.DB, changed); got[0] != retrieval.Updated {
		t.Errorf("the changed source %v", got)
	}
	if a = e.get(t, a.ID); a.EditedAt != nil || a.Version != 4 || a.UpdatedBy != "" {
		t.Errorf("imported over %+v", a)
	}
	// One that its source does not list any more comes back with it.
	if n := must(e.Retire(ctx, site, "faq", []string{"1"}))(t); n != 1 {
		t.Errorf("%d retired", n)
	}
	if got := publish(t, e.DB, changed); got[0] != retrieval.Updated {
		t.Errorf("listed again %v", got)
	}
}
