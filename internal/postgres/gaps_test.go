package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/article"
	"github.com/careloop/careloop/assist/gap"
	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/retrieval/embed/static"
)

// asks is a shopper's message whose turn ends as f says; it gives the bot's event.
func (s shop) asks(t testing.TB, conversationID, clientID, text string, f assist.FinishTurn) assist.Finished {
	t.Helper()
	a := must(s.Accept(t.Context(), s.say(conversationID, clientID, text, "me")))(t)
	f.TurnID, f.Owner, f.BotName = a.Turn.ID, "me", "Careloop"
	return must(s.FinishTurn(t.Context(), f))(t)
}

// missed ends a turn that found nothing.
func missed() assist.FinishTurn {
	return assist.FinishTurn{Text: "I could not find that.", Outcome: assist.Clarified, Reason: assist.ReasonNotFound, Offer: true,
		Record: assist.TurnRecord{Confidence: 0.1}}
}

// answered ends a turn with an answer of a confidence.
func answered(confidence float64) assist.FinishTurn {
	f := answer("", "")
	f.Record.Confidence = confidence
	return f
}

type kept struct {
	text, reason, gapID string
	seq                 int64
}

func keptQuestions(t testing.TB, db *DB) []kept {
	t.Helper()
	rows, err := db.pool.Query(t.Context(), `select text, reason, coalesce(gap_id::text, ''), seq from gap_questions order by conversation_id, seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []kept
	for rows.Next() {
		var k kept
		if err := rows.Scan(&k.text, &k.reason, &k.gapID, &k.seq); err != nil {
			t.Fatal(err)
		}
		list = append(list, k)
	}
	return list
}

func TestWhatIsNotAnsweredIsKept(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct {
		name, text string
		end        assist.FinishTurn
		want       string // reason; empty: nothing is kept
	}{
		{"not found", "Do you sell gift cards for your shop?", missed(), "not_found"},
		{"stuck", "Is there a gift card with a photo?", assist.FinishTurn{Outcome: assist.Escalated, Reason: assist.ReasonStuck, Escalation: asked("", "")}, "not_found"},
		{"a fact was held back", "How much is the gift wrapping?", assist.FinishTurn{Text: "It costs something.", Outcome: assist.Clarified, Reason: assist.ReasonUnsupported}, "unsure"},
		{"little confidence", "Can I wash the wool sweater?", answered(0.4), "unsure"},
		{"sure", "Can I return my new shoes?", answered(0.8), ""},
		{"a wish for a person", "I want to talk to a human", assist.FinishTurn{Outcome: assist.Escalated, Reason: assist.ReasonAsked, Escalation: asked("", "")}, ""},
		{"small talk", "Thank you very much!", missed(), ""},
		{"the bot failed", "Do you sell gift cards for your shop?", assist.FinishTurn{Outcome: assist.Escalated, Reason: assist.ReasonInternal, Escalation: asked("", "")}, ""},
		{"of one order", "Where is my parcel, order 10023345?", missed(), ""},
		{"a word alone", "huh", missed(), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
			s.asks(t, "", "c1", c.text, c.end)
			var got []string
			for _, k := range keptQuestions(t, s.DB) {
				got = append(got, k.reason)
			}
			_, err := s.pool.Exec(t.Context(), `delete from gap_questions`)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, ",") != c.want {
				t.Errorf("kept for %q, want %q", got, c.want)
			}
		})
	}
}

func TestAQuestionIsKeptOnce(t *testing.T) {
	s := newShop(t)
	f := s.asks(t, "", "c1", "Do you sell gift cards for your shop?", missed())
	again := must(s.Accept(t.Context(), s.say(f.Conversation.ID, "c1", "Do you sell gift cards for your shop?", "me")))(t)
	if !again.Duplicate {
		t.Fatal("a retry is a second message")
	}
	if list := keptQuestions(t, s.DB); len(list) != 1 || list[0].text != "Do you sell gift cards for your shop?" {
		t.Fatalf("kept %+v", list)
	}
	if n := count(t, s.DB, `select count(*) from river_job where kind = 'sort_gap_questions'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	// Another question before the first was sorted asks for no second job.
	s.asks(t, f.Conversation.ID, "c2", "Do you ship to the moon as well?", missed())
	if n := count(t, s.DB, `select count(*) from river_job where kind = 'sort_gap_questions'`); n != 1 {
		t.Errorf("%d jobs for two questions", n)
	}
}

func TestSeveralMessagesAreOneQuestion(t *testing.T) {
	s := newShop(t)
	first := must(s.Accept(t.Context(), s.say("", "c1", "I have a question about gift cards", "me")))(t)
	s.asks(t, first.Conversation.ID, "c2", "do they expire at some point?", missed())
	if list := keptQuestions(t, s.DB); len(list) != 1 || list[0].text != "I have a question about gift cards do they expire at some point?" || list[0].seq != 2 {
		t.Errorf("kept %+v", list)
	}
}

func TestAQuestionIsKeptWithWhatItLeansOn(t *testing.T) {
	s := newShop(t)
	f := s.asks(t, "", "c1", "Can I return underwear that I tried on?", answered(0.9))
	s.asks(t, f.Conversation.ID, "c2", "and swimwear?", missed())
	if list := keptQuestions(t, s.DB); len(list) != 1 || list[0].text != "Can I return underwear that I tried on? and swimwear?" {
		t.Errorf("kept %+v", list)
	}
}

func TestPersonalDataIsNotKept(t *testing.T) {
	s := newShop(t)
	_, err := s.pool.Exec(t.Context(), `update shoppers set name = 'Ottilie Krämer' where id = $1`, s.shopper.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.publish(t, map[string]string{"Lamps": "The Nova is a lamp made by us, and the Aki another."})
	s.asks(t, "", "c1", "This is Ottilie again, my mail is o.k@example.org: does the Nova or the Aki come in blue, like the one of Berta Müller?", missed())
	list := keptQuestions(t, s.DB)
	if len(list) != 1 {
		t.Fatalf("kept %+v", list)
	}
	for _, never := range []string{"Ottilie", "example.org", "Berta", "Müller"} {
		if strings.Contains(list[0].text, never) {
			t.Errorf("%q is in %q", never, list[0].text)
		}
	}
	if !strings.Contains(list[0].text, "Nova") || !strings.Contains(list[0].text, "Aki") {
		t.Errorf("a product of the shop is taken for a name: %q", list[0].text)
	}
}

func TestRatingsKeepAndForgetQuestions(t *testing.T) {
	s := newShop(t)
	f := s.asks(t, "", "c1", "Can I wash the wool sweater at forty degrees?", answered(0.9))
	rate := func(clientID string, score int) {
		t.Helper()
		must(s.AcceptRating(t.Context(), assist.AcceptRating{Visit: s.visit(f.Conversation.ID, clientID), Rating: assist.Rating{EventSeq: f.Event.Seq, Score: score}}))(t)
	}
	reasons := func(want string) {
		t.Helper()
		var got []string
		for _, k := range keptQuestions(t, s.DB) {
			got = append(got, k.reason)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("kept for %q, want %q", got, want)
		}
	}
	rate("r1", 1)
	reasons("")
	rate("r2", -1)
	reasons("thumbs_down")
	rate("r2", -1) // a retry
	rate("r3", -1)
	reasons("thumbs_down")
	rate("r4", 1)
	reasons("")
	rate("r5", -1)
	reasons("thumbs_down")
}

func (s shop) agent(t testing.TB) inbox.Name {
	t.Helper()
	id := must(newID())(t)
	if _, err := s.pool.Exec(t.Context(), `insert into agents (id, email, name, role) values ($1::uuid, $1::uuid::text || '@example.org', 'Ada', 'admin')`, id); err != nil {
		t.Fatal(err)
	}
	return inbox.Name{ID: id, Name: "Ada"}
}

func TestWhatAnAgentAnswersIsKept(t *testing.T) {
	s := newShop(t)
	agent := s.agent(t)
	in := s.Inbox()
	act := func(c, clientID string) inbox.Act {
		return inbox.Act{SiteID: s.site.ID, ConversationID: c, Agent: agent, ClientID: clientID}
	}
	// One that the bot had not found, and one that it never tried.
	f := s.asks(t, "", "c1", "Do you engrave rings for weddings?", missed())
	must(s.AcceptHandoff(t.Context(), assist.AcceptHandoff{Visit: s.visit(f.Conversation.ID, "h1"), Escalation: asked("", ""), BotName: "Careloop"}))(t)
	for range 2 { // the second is the same again
		must(in.Reply(t.Context(), act(f.Conversation.ID, "a1"), inbox.Reply{Text: "Yes, engraving a ring takes five days."}))(t)
	}
	other := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
	g := other.asks(t, "", "c1", "Can you resize a ring that I inherited?", assist.FinishTurn{Outcome: assist.Escalated, Reason: assist.ReasonAsked, Escalation: asked("", "")})
	must(in.Reply(t.Context(), act(g.Conversation.ID, "a1"), inbox.Reply{Text: "Yes, we can resize most rings."}))(t)
	must(in.Reply(t.Context(), act(g.Conversation.ID, "a2"), inbox.Reply{Text: "It costs 40 €."}))(t)
	list := keptQuestions(t, s.DB)
	if len(list) != 2 || list[0].reason != "agent_answered" || list[1].reason != "agent_answered" {
		t.Fatalf("kept %+v", list)
	}
	// An agent who writes without a handoff answers nothing that the bot could have.
	third := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
	h := third.asks(t, "", "c1", "Can I return my new shoes?", answered(0.9))
	must(in.Reply(t.Context(), act(h.Conversation.ID, "a1"), inbox.Reply{Text: "And if anything else comes up, tell me."}))(t)
	if n := len(keptQuestions(t, s.DB)); n != 2 {
		t.Errorf("%d are kept", n)
	}

	sorted := s.sort(t)
	page := must(sorted.List(t.Context(), s.site.ID, gap.Filter{Limit: 50}))(t)
	var replies []string
	for _, p := range page.Items {
		for _, r := range must(s.Gaps().Replies(t.Context(), s.site.ID, p.ID, 20))(t) {
			replies = append(replies, r.Text)
		}
	}
	if len(replies) != 3 || !slices.Contains(replies, "Yes, we can resize most rings.") {
		t.Errorf("replies %q", replies)
	}
}

// sort puts all new questions of the shop with their like.
func (s shop) sort(t testing.TB) *gap.Desk {
	t.Helper()
	d := gap.New(gap.Options{Store: s.Gaps(), Budget: s.Gaps(), Index: s.DB, Embedder: must(static.New())(t)})
	if err := d.Sort(t.Context(), s.site.ID); err != nil {
		t.Fatal(err)
	}
	return d
}

var (
	giftCards = []string{"Do you sell gift cards?", "Can I buy a gift card?", "Are there gift cards for your shop?", "I want to buy a gift card for a friend"}
	islands   = []string{"Do you deliver to islands?", "Do you deliver to an island like Sylt?", "Is delivery to islands possible?"}
)

// fill asks questions, each by a shopper of its own, and sorts them.
func (s shop) fill(t testing.TB, questions ...string) *gap.Desk {
	t.Helper()
	for _, q := range questions {
		other := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
		other.asks(t, "", "c1", q, missed())
	}
	return s.sort(t)
}

func (s shop) list(t testing.TB, f gap.Filter) gap.Page {
	t.Helper()
	f.Limit = 50
	return must(s.Gaps().List(t.Context(), s.site.ID, f))(t)
}

func TestQuestionsAlikeBecomeOneGap(t *testing.T) {
	s := newShop(t)
	s.fill(t, slices.Concat(giftCards, islands)...)
	page := s.list(t, gap.Filter{Order: gap.BySize})
	if len(page.Items) != 2 || page.Total != 2 || page.Counts.Open != 2 || page.Waiting != 0 {
		t.Fatalf("%+v", page)
	}
	g := page.Items[0]
	if g.Questions != 4 || g.Shoppers != 4 || g.LastWeek != 4 || g.Reasons["not_found"] != 4 || len(g.Trend) != gap.TrendDays || g.Trend[13] != 4 || !slices.Contains(giftCards, g.Title) {
		t.Errorf("%+v", g)
	}
	if g.State != gap.Open || g.Article != nil || g.Since != nil {
		t.Errorf("%+v", g)
	}
	for _, f := range []gap.Filter{{Words: "gift card"}, {Words: "GIFT"}, {Words: "for a friend"}} {
		if p := s.list(t, f); len(p.Items) != 1 || p.Items[0].ID != g.ID || p.Counts.Open != 2 {
			t.Errorf("%+v finds %+v", f, p)
		}
	}
	for _, f := range []gap.Filter{{Words: "100%"}, {Words: "_"}, {Locale: "de"}, {Reason: gap.ThumbsDown}, {State: gap.Closed}} {
		if p := s.list(t, f); len(p.Items) != 0 || p.Total != 0 {
			t.Errorf("%+v finds %+v", f, p)
		}
	}
	questions, total, err := s.Gaps().Questions(t.Context(), s.site.ID, g.ID, 2, 1)
	if err != nil || total != 4 || len(questions) != 2 {
		t.Errorf("%v, %d, %v", questions, total, err)
	}
	// Another like them joins, and the gap keeps its id.
	s.fill(t, "Is it possible to buy gift cards?")
	if again := must(s.Gaps().Gap(t.Context(), s.site.ID, g.ID))(t); again.Questions != 5 {
		t.Errorf("%+v", again)
	}
}

func TestLanguagesAreKeptApart(t *testing.T) {
	s := newShop(t)
	s.fill(t, giftCards...)
	other := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
	a := other.say("", "c1", "Wie lange ist ein Gutschein gültig?", "me")
	a.Locale = "de-AT"
	accepted := must(s.Accept(t.Context(), a))(t)
	f := missed()
	f.TurnID, f.Owner = accepted.Turn.ID, "me"
	must(s.FinishTurn(t.Context(), f))(t)
	s.sort(t)
	if p := s.list(t, gap.Filter{Locale: "de"}); len(p.Items) != 1 || p.Items[0].Locale != "de-AT" || p.Items[0].Questions != 1 {
		t.Errorf("%+v", p)
	}
}

func TestAdminsChangeGaps(t *testing.T) {
	s := newShop(t)
	agent := s.agent(t)
	by := gap.Actor{ID: agent.ID, Name: agent.Name}
	d := s.fill(t, slices.Concat(giftCards, islands)...)
	page := s.list(t, gap.Filter{Order: gap.BySize})
	cards, isles := page.Items[0], page.Items[1]
	ctx := t.Context()

	if err := d.Rename(ctx, s.site.ID, cards.ID, "  Gift   cards ", by); err != nil {
		t.Fatal(err)
	}
	wantCode(t, d.Rename(ctx, s.site.ID, cards.ID, " ", by), gap.CodeBadTitle)
	s.fill(t, "How can I buy a gift card?")
	if g := must(d.Gap(ctx, s.site.ID, cards.ID))(t); g.Title != "Gift cards" || g.Questions != 5 {
		t.Errorf("%+v", g)
	}

	if err := d.Dismiss(ctx, s.site.ID, isles.ID, true, by); err != nil {
		t.Fatal(err)
	}
	if p := s.list(t, gap.Filter{}); len(p.Items) != 1 || p.Counts.Dismissed != 1 {
		t.Errorf("%+v", p)
	}
	if p := s.list(t, gap.Filter{State: gap.Dismissed}); len(p.Items) != 1 || p.Items[0].ID != isles.ID {
		t.Errorf("%+v", p)
	}
	if err := d.Dismiss(ctx, s.site.ID, isles.ID, false, by); err != nil {
		t.Fatal(err)
	}

	questions, _, err := d.Questions(ctx, s.site.ID, cards.ID, 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	made := must(d.Move(ctx, s.site.ID, cards.ID, []int64{questions[0].ID, questions[1].ID}, "", by))(t)
	if g := must(d.Gap(ctx, s.site.ID, made))(t); g.Questions != 2 {
		t.Errorf("%+v", g)
	}
	if _, err := d.Move(ctx, s.site.ID, cards.ID, []int64{questions[0].ID}, made, by); err == nil {
		t.Error("a question that is elsewhere was moved")
	}
	// What was moved by hand stays, however alike the rest is.
	s.fill(t, "May I buy gift cards?", "Where can I buy a gift card?", "Do you have gift cards?", "Which gift cards do you sell?", "Gift cards, do you sell them?", "Can a gift card be bought?")
	if g := must(d.Gap(ctx, s.site.ID, made))(t); g.Questions < 2 {
		t.Errorf("%+v", g)
	}
	for _, q := range questions[:2] {
		if n := count(t, s.DB, `select count(*) from gap_questions where id = $1 and gap_id = $2`, q.ID, made); n != 1 {
			t.Errorf("%q was taken out of where an admin put it", q.Text)
		}
	}

	wantCode(t, d.Merge(ctx, s.site.ID, made, made, by), gap.CodeSame)
	before := must(d.Gap(ctx, s.site.ID, made))(t).Questions + must(d.Gap(ctx, s.site.ID, cards.ID))(t).Questions
	if err := d.Merge(ctx, s.site.ID, made, cards.ID, by); err != nil {
		t.Fatal(err)
	}
	if g := must(d.Gap(ctx, s.site.ID, cards.ID))(t); g.Questions != before {
		t.Errorf("%d questions, want %d", g.Questions, before)
	}
	_, err = d.Gap(ctx, s.site.ID, made)
	wantCode(t, err, gap.CodeUnknown)
	if n := count(t, s.DB, `select count(*) from audit_log where action like 'gap.%'`); n != 5 {
		t.Errorf("%d entries in the audit log", n)
	}
}

func TestOtherSitesGapsAreUnknown(t *testing.T) {
	s := newShop(t)
	d := s.fill(t, slices.Concat(giftCards, islands)...)
	list := s.list(t, gap.Filter{}).Items
	id := list[0].ID
	other := must(s.EnsureSite(t.Context(), assist.Site{Key: "other", Locale: "en"}))(t)
	ctx, by := t.Context(), gap.Actor{Name: "x"}
	if p := must(d.List(ctx, other.ID, gap.Filter{Limit: 10}))(t); len(p.Items) != 0 || p.Counts != (gap.StateCounts{}) {
		t.Errorf("%+v", p)
	}
	_, err := d.Gap(ctx, other.ID, id)
	wantCode(t, err, gap.CodeUnknown)
	_, _, err = d.Questions(ctx, other.ID, id, 10, 0)
	wantCode(t, err, gap.CodeUnknown)
	wantCode(t, d.Rename(ctx, other.ID, id, "Mine now", by), gap.CodeUnknown)
	wantCode(t, d.Dismiss(ctx, other.ID, id, true, by), gap.CodeUnknown)
	wantCode(t, d.Merge(ctx, other.ID, id, list[1].ID, by), gap.CodeUnknown)
	_, err = d.Move(ctx, other.ID, id, []int64{1}, "", by)
	wantCode(t, err, gap.CodeUnknown)
	_, err = d.Draft(ctx, other, id, by)
	wantCode(t, err, gap.CodeUnknown)
	if r := must(s.Gaps().Replies(ctx, other.ID, id, 10))(t); len(r) != 0 {
		t.Errorf("%+v", r)
	}
	for _, bad := range []string{"", "no id", "00000000-0000-7000-8000-000000000000"} {
		_, err := d.Gap(ctx, s.site.ID, bad)
		wantCode(t, err, gap.CodeUnknown)
	}
}

func TestTwoReplicasSortAtOnce(t *testing.T) {
	s := newShop(t)
	for i := range 40 {
		other := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
		text := giftCards[i%len(giftCards)]
		if i%2 == 1 {
			text = islands[i%len(islands)]
		}
		other.asks(t, "", "c1", text, missed())
	}
	embedder := must(static.New())(t)
	errs := make([]error, 4)
	together(4, func(i int) {
		d := gap.New(gap.Options{Store: s.Gaps(), Embedder: embedder})
		errs[i] = d.Sort(t.Context(), s.site.ID)
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	page := s.list(t, gap.Filter{})
	total := 0
	for _, g := range page.Items {
		total += g.Questions
	}
	if total != 40 || len(page.Items) != 2 || page.Waiting != 0 {
		t.Errorf("%d questions in %d gaps, %d wait", total, len(page.Items), page.Waiting)
	}
}

// publishes makes an article and publishes it, as the articles' store would.
func (s shop) publishes(t testing.TB, articleID string) {
	t.Helper()
	for _, q := range []string{
		`insert into article_versions (article_id, version, title, markdown, created_at) select article_id, 1, title, markdown, clock_timestamp() from article_drafts where article_id = $1`,
		`update articles set last_version = 1, published_version = 1 where id = $1`,
		`delete from article_drafts where article_id = $1`,
	} {
		if _, err := s.pool.Exec(t.Context(), q, articleID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnArticleClosesItsGap(t *testing.T) {
	s := newShop(t)
	d := s.fill(t, giftCards...)
	g := s.list(t, gap.Filter{}).Items[0]
	id := must(s.Articles().Create(t.Context(), s.site.ID, article.Text{Title: "Do you sell gift cards?", Markdown: "Yes, from 10 €.", Locale: "en"}, g.ID, article.Actor{Name: "Ada"}))(t)
	state := func(want gap.State) gap.Gap {
		t.Helper()
		now := must(d.Gap(t.Context(), s.site.ID, g.ID))(t)
		if now.State != want {
			t.Errorf("state %s, want %s", now.State, want)
		}
		if p := s.list(t, gap.Filter{State: want}); len(p.Items) != 1 || p.Items[0].ID != g.ID {
			t.Errorf("%s lists %+v", want, p.Items)
		}
		return now
	}
	if now := state(gap.Drafted); now.Article == nil || now.Article.ID != id || now.Article.State != "draft" || now.Since != nil {
		t.Errorf("%+v", now)
	}
	s.publishes(t, id)
	if now := state(gap.Closed); now.Article.State != "published" || now.Since.At.IsZero() || now.Since.Asked != 0 {
		t.Errorf("%+v", now)
	}
	// An answer that rests on it counts as answered, and not where it is thumbed down.
	other := shop{s.DB, s.site, newShopper(t, s.DB, s.site)}
	end := answered(0.9)
	end.Record.Passages = []assist.PassageRecord{{ChunkID: 1, ArticleID: id, Version: 1, Cited: true}}
	f := other.asks(t, "", "c1", "Can I buy a gift card?", end)
	if now := state(gap.Closed); now.Since.Asked != 1 || now.Since.Answered != 1 {
		t.Errorf("%+v", now.Since)
	}
	must(s.AcceptRating(t.Context(), assist.AcceptRating{Visit: other.visit(f.Conversation.ID, "r1"), Rating: assist.Rating{EventSeq: f.Event.Seq, Score: -1}}))(t)
	s.sort(t)
	if now := state(gap.Closed); now.Since.Asked != 1 || now.Since.Answered != 0 || now.Reopened {
		t.Errorf("%+v", now.Since)
	}
	s.fill(t, giftCards[:gap.ReopenedBy-1]...)
	if now := state(gap.Open); now.Since.Asked != 3 || now.Since.Answered != 0 || !now.Reopened {
		t.Errorf("%+v", now)
	}
	if _, err := s.pool.Exec(t.Context(), `update articles set published_version = null where id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if now := state(gap.Drafted); now.Article.State != "unpublished" {
		t.Errorf("%+v", now.Article)
	}
}

func TestGapsAreOrderedByShoppersAndTime(t *testing.T) {
	s := newShop(t)
	s.fill(t, slices.Concat(giftCards, islands)...)
	// One shopper alone asks about a third matter, many times.
	for i := range 6 {
		s.asks(t, "", fmt.Sprint("c", i), []string{"How do I clean a leather sofa?", "What cleans leather sofas well?", "How should a leather sofa be cleaned?"}[i%3], missed())
	}
	s.sort(t)
	page := s.list(t, gap.Filter{Order: gap.ByRank})
	if len(page.Items) != 3 || page.Items[0].Shoppers != 4 || page.Items[2].Shoppers != 1 || page.Items[2].Questions != 6 {
		t.Fatalf("%+v", page.Items)
	}
	// Two months later four shoppers weigh less than three of today.
	_, err := s.pool.Exec(t.Context(), `update gap_questions set at = at - interval '60 days' where gap_id = $1`, page.Items[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	tx := must(s.pool.Begin(t.Context()))(t)
	if err := recountGaps(t.Context(), tx, s.site.ID, []string{page.Items[0].ID}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := s.list(t, gap.Filter{Order: gap.ByRank}); again.Items[0].ID != page.Items[1].ID {
		t.Errorf("%+v", again.Items)
	}
	if p := s.list(t, gap.Filter{Order: gap.BySize}); p.Items[0].Questions != 6 {
		t.Errorf("%+v", p.Items[0])
	}
	if p := s.list(t, gap.Filter{Order: gap.ByRecent}); !p.Items[0].LastAt.After(p.Items[1].LastAt.Add(-time.Nanosecond)) {
		t.Errorf("%+v", p.Items)
	}
}
