package postgres

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/retrieval"
)

// What is published on one replica is all that another finds when the call
// returns: by words, and with the embedder inside the process by meaning, too.
func TestPublicationsAreLiveOnOtherReplicas(t *testing.T) {
	e, ctx := newEditing(t), t.Context()
	embedder := e.withVectors(t, "m")
	replica := must(Open(ctx, e.pool.Config().ConnString(), Options{}))(t)
	defer replica.Close()
	search := retrieval.NewSearch(replica, embedder, retrieval.SearchOptions{})
	found := func(question string) (texts []string) {
		q := retrieval.Query{SiteID: e.site.ID, Text: question, Locale: "en", SiteLocale: "en"}
		for _, p := range must(search.Search(ctx, q))(t).Passages {
			texts = append(texts, p.Text)
		}
		return texts
	}
	a := e.live(t, "Zebra crossing", "Walk across, round 0.")
	for round := 1; round < 4; round++ {
		text := fmt.Sprint("Walk across, round ", round, ".")
		e.save(t, e.get(t, a.ID), text)
		now := e.get(t, a.ID)
		must(e.Publish(ctx, e.site.ID, a.ID, now.Draft.Revision, nil, "", e.ada))(t)
		for _, question := range []string{"zebra crossing", "nothing in common"} {
			if got := found(question); !slices.Equal(got, []string{text}) {
				t.Errorf("round %d, %s: %q", round, question, got)
			}
		}
	}
	must(e.Rollback(ctx, e.site.ID, a.ID, 1, e.ada))(t)
	if got := found("nothing in common"); !slices.Equal(got, []string{"Walk across, round 0."}) {
		t.Errorf("after going back: %q", got)
	}
	must(e.Unpublish(ctx, e.site.ID, a.ID, e.ada))(t)
	if got := found("zebra crossing"); len(got) != 0 {
		t.Errorf("taken back, and found: %q", got)
	}
	wantCounts(t, e.DB)
}

// Vectors that nobody wants any more, or of another length, do not come between
// people and their publication.
func TestPublicationsWithVectorsOfAnotherEmbedder(t *testing.T) {
	e := newEditing(t)
	e.Editor.Embed = func(ctx context.Context, p retrieval.Publication) retrieval.Publication {
		return must(p.Embedded(ctx, points{"retired", 8}))(t)
	}
	a := e.live(t, "Zebra", "A zebra.")
	if a.State != article.Published || count(t, e.DB, "select count(*) from chunk_vectors") != 0 {
		t.Errorf("%+v", a.Row)
	}
}

// With an embedder elsewhere the job begins at once; an import's waits a little,
// and a publication does not wait for it.
func TestRemoteVectorsAreMadeAtOnce(t *testing.T) {
	ctx := t.Context()
	db := open(t, Options{Embeds: true})
	e := newEditingOn(t, db)
	waiting := func(state string) int {
		return count(t, db, `select count(*) from river_job where kind = 'embed_site' and state = $1`, state)
	}
	publish(t, db, faq(e.site.ID, "1", "A", "en", "one"))
	a := e.live(t, "Zebra", "A zebra.")
	if now, later := waiting("available"), waiting("scheduled"); now != 1 || later != 1 {
		t.Errorf("%d jobs begin at once, %d later", now, later)
	}
	e.save(t, a, "Two zebras.")
	now := e.get(t, a.ID)
	must(e.Publish(ctx, e.site.ID, a.ID, now.Draft.Revision, nil, "", e.ada))(t)
	if n := waiting("available"); n != 1 {
		t.Errorf("%d jobs begin at once", n)
	}
}
