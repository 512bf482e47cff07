package postgres

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/draft"
	"github.com/careloop/careloop/assist/llm"
	"github.com/careloop/careloop/assist/llm/extractive"
	"github.com/careloop/careloop/assist/settings"
	"github.com/careloop/careloop/assist/triage"
	"github.com/careloop/careloop/retrieval"
)

// drafting is a conversation in which a shopper said something.
type drafting struct {
	shop
	conversation string
}

func newDrafting(t testing.TB) drafting {
	t.Helper()
	s := newShop(t)
	acc := must(s.Accept(t.Context(), s.say("", "c1", "My boots have not arrived", "bot")))(t)
	return drafting{s, acc.Conversation.ID}
}

func (d drafting) begin(owner string, seq int64) draft.Begin {
	return draft.Begin{SiteID: d.site.ID, ConversationID: d.conversation, Seq: seq, Tone: draft.Standard, Owner: owner, Lease: time.Minute}
}

func (d drafting) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := d.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func ready(w draft.Work, owner, text string) draft.Finish {
	return draft.Finish{DraftID: w.ID, Owner: owner, State: draft.Ready, Result: draft.Result{Text: text, Model: "big", PromptHash: "abc", Topic: "delivery",
		Unsupported: []draft.Unsupported{{Start: 1, End: 3, Text: "30"}}, Citations: []assist.Citation{{N: 1, Title: "Refunds", Quote: "Takes 5 days"}},
		Calls: []assist.CallRecord{{Model: "big", PromptTokens: 10, CompletionTokens: 5, Cost: 70}}}}
}

func TestDraftIsWrittenOnce(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	if w.ForSeq != 1 || w.Attempt != 1 || w.ShopperID != d.shopper.ID || w.State != draft.Writing {
		t.Errorf("begun %+v", w)
	}
	_, err := d.BeginDraft(ctx, d.begin("b", 1))
	wantCode(t, err, draft.CodeHeld)
	latest, ok, err := d.LatestDraft(ctx, d.site.ID, d.conversation)
	if err != nil || !ok || latest.State != draft.Writing {
		t.Errorf("latest %+v, %v, %v", latest, ok, err)
	}
	_, err = d.FinishDraft(ctx, ready(w, "b", "Not b's"))
	wantCode(t, err, draft.CodeOver)
	got := must(d.FinishDraft(ctx, ready(w, "a", "We look for it.")))(t)
	if got.State != draft.Ready || got.Text != "We look for it." || got.Unsupported[0].Text != "30" || got.Citations[0].Title != "Refunds" || got.Model != "big" {
		t.Errorf("finished %+v", got)
	}
	_, err = d.FinishDraft(ctx, ready(w, "a", "Twice"))
	wantCode(t, err, draft.CodeOver)
	_, err = d.BeginDraft(ctx, d.begin("b", 1))
	wantCode(t, err, draft.CodeOver)
	// What the others spent is counted all the same.
	if n := count(t, d.DB, "select calls from usage where model = 'big'"); n != 3 {
		t.Errorf("%d calls are counted", n)
	}
	if n := count(t, d.DB, "select spent_micros from budgets"); n != 210 {
		t.Errorf("%d are spent", n)
	}
}

func TestTwoReplicasBeginAtOnce(t *testing.T) {
	d := newDrafting(t)
	var wait sync.WaitGroup
	codes := make([]assist.Code, 8)
	for i := range codes {
		wait.Go(func() {
			_, err := d.BeginDraft(context.Background(), d.begin(string(rune('a'+i)), 1))
			codes[i] = assist.CodeOf(err)
		})
	}
	wait.Wait()
	won := 0
	for _, c := range codes {
		switch c {
		case "":
			won++
		case draft.CodeHeld:
		default:
			t.Errorf("refused with %s", c)
		}
	}
	if won != 1 || count(t, d.DB, "select count(*) from drafts") != 1 {
		t.Errorf("%d began", won)
	}
}

func TestRescuedDraft(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	w := must(d.BeginDraft(ctx, d.begin("dead", 1)))(t)
	must(d.ReserveDraftBudget(ctx, d.site.ID, w.ID, 500, 1000))(t)
	if err := d.RenewDraft(ctx, w.ID, "dead", 0); err != nil {
		t.Fatal(err)
	}
	again := must(d.BeginDraft(ctx, d.begin("alive", 1)))(t)
	if again.ID != w.ID || again.Attempt != 2 {
		t.Errorf("taken over %+v", again)
	}
	wantCode(t, d.RenewDraft(ctx, w.ID, "dead", time.Minute), draft.CodeOver)
	// The dead one comes back: what it spent counts, and nothing else.
	_, err := d.FinishDraft(ctx, ready(w, "dead", "Late"))
	wantCode(t, err, draft.CodeOver)
	if n := count(t, d.DB, "select reserved_micros from budgets"); n != 500 {
		t.Errorf("%d are reserved while the other writes", n)
	}
	must(d.FinishDraft(ctx, ready(again, "alive", "Here")))(t)
	if n := count(t, d.DB, "select reserved_micros from budgets"); n != 0 {
		t.Errorf("%d stay reserved", n)
	}
}

func TestNewerMessageSupersedes(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	first := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	must(d.ReserveDraftBudget(ctx, d.site.ID, first.ID, 500, 1000))(t)
	acc := must(d.Accept(ctx, d.say(d.conversation, "c2", "Hello?", "bot")))(t)
	_, err := d.BeginDraft(ctx, d.begin("a", 1))
	wantCode(t, err, draft.CodeOver)
	second := must(d.BeginDraft(ctx, d.begin("b", acc.Event.Seq)))(t)
	if second.SupersededID != first.ID || second.ForSeq != acc.Event.Seq {
		t.Errorf("second %+v", second)
	}
	_, err = d.FinishDraft(ctx, ready(first, "a", "Old"))
	wantCode(t, err, draft.CodeOver)
	must(d.FinishDraft(ctx, ready(second, "b", "New")))(t)
	// An agent asks for another tone: the one before goes when the new one is there.
	b := d.begin("b", 0)
	b.Tone, b.RescueAfter, b.Given = draft.Shorter, time.Minute, "New"
	third := must(d.BeginDraft(ctx, b))(t)
	in := must(d.DraftInput(ctx, third.ID, 10))(t)
	if in.Previous != "New" || in.Given != "New" || in.Tone != draft.Shorter || len(in.Messages) < 2 || in.Site.ID != d.site.ID || len(in.PreviousCitations) != 1 {
		t.Errorf("input %+v", in)
	}
	must(d.FinishDraft(ctx, ready(third, "b", "Short")))(t)
	latest, _, _ := d.LatestDraft(ctx, d.site.ID, d.conversation)
	if latest.Text != "Short" || count(t, d.DB, "select count(*) from drafts where state = 'superseded'") != 2 {
		t.Errorf("latest %+v", latest)
	}
	if n := count(t, d.DB, "select count(*) from river_job where kind = 'rescue_draft' and args ->> 'draft_id' = '"+third.ID+"'"); n != 1 {
		t.Errorf("%d rescues of what an agent asked for", n)
	}
}

// What a process reserved that died after its draft was superseded is given back.
func TestReservationsOfTheDeadAreReleased(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	first := must(d.BeginDraft(ctx, d.begin("dead", 1)))(t)
	must(d.ReserveDraftBudget(ctx, d.site.ID, first.ID, 500, 1000))(t)
	if ok := must(d.ReserveDraftBudget(ctx, d.site.ID, first.ID, 600, 1000))(t); ok {
		t.Error("more was reserved than there is")
	}
	acc := must(d.Accept(ctx, d.say(d.conversation, "c2", "Hello?", "bot")))(t)
	must(d.BeginDraft(ctx, d.begin("b", acc.Event.Seq)))(t)
	d.exec(t, "update drafts set leased_until = now() - interval '1 minute' where id = $1", first.ID)
	_, err := d.BeginDraft(ctx, d.begin("c", 1)) // the rescue of the first
	wantCode(t, err, draft.CodeOver)
	if n := count(t, d.DB, "select reserved_micros from budgets"); n != 0 {
		t.Errorf("%d stay reserved", n)
	}
}

func TestDraftsOfOthersAreUnknown(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	other := must(d.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	must(d.FinishDraft(ctx, ready(w, "a", "Text")))(t)
	b := d.begin("a", 0)
	b.SiteID = other.ID
	_, err := d.BeginDraft(ctx, b)
	wantCode(t, err, assist.CodeUnknownConversation)
	b.SiteID, b.ConversationID = d.site.ID, "no id"
	_, err = d.BeginDraft(ctx, b)
	wantCode(t, err, assist.CodeUnknownConversation)
	if _, ok, _ := d.LatestDraft(ctx, other.ID, d.conversation); ok {
		t.Error("another shop reads it")
	}
	for _, site := range []string{other.ID} {
		wantCode(t, d.OpenDraft(ctx, site, d.conversation, w.ID), draft.CodeUnknownDraft)
		wantCode(t, d.DiscardDraft(ctx, site, d.conversation, w.ID, newAgent(t, d.DB)), draft.CodeUnknownDraft)
		_, err = d.DraftEvidence(ctx, site, d.conversation, nil)
		wantCode(t, err, assist.CodeUnknownConversation)
		_, err = d.Talk(ctx, site, d.conversation, 5)
		wantCode(t, err, assist.CodeUnknownConversation)
		_, err = d.ReserveDraftBudget(ctx, site, w.ID, 1, 10)
		wantCode(t, err, draft.CodeOver)
	}
}

func TestNoDraftForAClosedConversation(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	d.exec(t, "update conversations set state = 'closed' where id = $1", d.conversation)
	_, err := d.FinishDraft(ctx, ready(w, "a", "Text"))
	wantCode(t, err, draft.CodeOver)
	_, err = d.BeginDraft(ctx, d.begin("a", 0))
	wantCode(t, err, draft.CodeClosed)
	if n := count(t, d.DB, "select count(*) from drafts where state = 'superseded'"); n != 1 {
		t.Errorf("%d are superseded", n)
	}
}

func newAgent(t testing.TB, db *DB) string {
	t.Helper()
	id := must(newID())(t)
	if _, err := db.pool.Exec(t.Context(), "insert into agents (id, email, name, role) values ($1, $2, 'Jo Miller', 'agent')", id, id+"@shop.example"); err != nil {
		t.Fatal(err)
	}
	return id
}

func (d drafting) sent(t testing.TB, r sentReply) error {
	t.Helper()
	r.siteID, r.conversationID = d.site.ID, d.conversation
	return d.inTx(t.Context(), func(tx pgx.Tx) error { return recordSent(t.Context(), tx, r) })
}

func TestWhatBecameOfADraft(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		with    bool
		text    string
		outcome string
		changed int
	}{
		"accepted":  {true, "We look for it.", "accepted", 0},
		"edited":    {true, "We look for it now.", "edited", 2},
		"discarded": {false, "Something else.", "discarded", 4},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDrafting(t)
			w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
			must(d.FinishDraft(ctx, ready(w, "a", "We look for it.")))(t)
			if err := d.OpenDraft(ctx, d.site.ID, d.conversation, w.ID); err != nil {
				t.Fatal(err)
			}
			d.exec(t, "update drafts set opened_at = opened_at - interval '30 seconds'")
			r := sentReply{agentID: newAgent(t, d.DB), seq: 1, text: c.text}
			if c.with {
				r.draftID = w.ID
			}
			if err := d.sent(t, r); err != nil {
				t.Fatal(err)
			}
			var outcome, sent string
			var distance int
			var seconds float64
			var added []string
			if err := d.pool.QueryRow(ctx, "select outcome, sent_text, edit_distance, seconds_to_send, words_added from drafts").Scan(&outcome, &sent, &distance, &seconds, &added); err != nil {
				t.Fatal(err)
			}
			if outcome != c.outcome || sent != c.text || distance != c.changed || seconds < 30 || seconds > 60 {
				t.Errorf("%s, %q, %d, %.1f s, %v", outcome, sent, distance, seconds, added)
			}
			if _, ok, _ := d.LatestDraft(ctx, d.site.ID, d.conversation); ok {
				t.Error("the draft waits still")
			}
		})
	}
}

func TestSendingSupersedesWhatIsBeingWritten(t *testing.T) {
	d := newDrafting(t)
	w := must(d.BeginDraft(t.Context(), d.begin("a", 1)))(t)
	if err := d.sent(t, sentReply{seq: 1, text: "I was quicker."}); err != nil {
		t.Fatal(err)
	}
	_, err := d.FinishDraft(t.Context(), ready(w, "a", "Late"))
	wantCode(t, err, draft.CodeOver)
	wantCode(t, d.sent(t, sentReply{draftID: d.site.ID, seq: 1}), draft.CodeUnknownDraft)
	wantCode(t, d.sent(t, sentReply{draftID: "none", seq: 1}), draft.CodeUnknownDraft)
}

func TestGoodRepliesAreLearntAndFound(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	must(d.FinishDraft(ctx, ready(w, "a", "We look for it.")))(t)
	if err := d.sent(t, sentReply{draftID: w.ID, agentID: newAgent(t, d.DB), seq: 1, text: "We look for it."}); err != nil {
		t.Fatal(err)
	}
	if l := must(d.LearnableReplies(ctx, d.site.ID, d.conversation))(t); len(l) != 0 {
		t.Errorf("learnt before the matter was settled: %+v", l)
	}
	d.exec(t, "update conversations set resolved_at = now()")
	l := must(d.LearnableReplies(ctx, d.site.ID, d.conversation))(t)
	if len(l) != 1 || l[0].Question != "My boots have not arrived" || l[0].Sent != "We look for it." || l[0].Topic != "delivery" || strings.Join(l[0].Names, "") != "Jo Miller" {
		t.Fatalf("learnable %+v", l)
	}
	keep := draft.NewGoodReply{DraftID: w.ID, Locale: "en", Question: "q", Reply: "r", Embedder: "e", Embedding: []float32{1, 0}}
	for range 2 {
		if err := d.SaveGoodReply(ctx, d.site.ID, keep); err != nil {
			t.Fatal(err)
		}
	}
	if l := must(d.LearnableReplies(ctx, d.site.ID, d.conversation))(t); len(l) != 0 {
		t.Errorf("learnt twice: %+v", l)
	}
	found := must(d.GoodReplies(ctx, d.site.ID, "e", []float32{0.6, 0.8}, 3))(t)
	if len(found) != 1 || found[0].Reply != "r" || found[0].Likeness < 0.59 || found[0].Likeness > 0.61 {
		t.Errorf("found %+v", found)
	}
	other := must(d.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	if found := must(d.GoodReplies(ctx, other.ID, "e", []float32{1, 0}, 3))(t); len(found) != 0 {
		t.Error("another shop finds it")
	}
	if found := must(d.GoodReplies(ctx, d.site.ID, "another", []float32{1, 0}, 3))(t); len(found) != 0 {
		t.Error("vectors of two models are compared")
	}
	d.exec(t, "update conversations set resolved_at = null")
	var turn string
	if err := d.pool.QueryRow(ctx, "select id from turns").Scan(&turn); err != nil {
		t.Fatal(err)
	}
	must(d.FinishTurn(ctx, answer(turn, "bot")))(t)
	jobs := func() int { return count(t, d.DB, "select count(*) from river_job where kind = 'learn_replies'") }
	rate := func(clientID string, score int) {
		t.Helper()
		must(d.AcceptRating(ctx, assist.AcceptRating{Visit: d.visit(d.conversation, clientID), Rating: assist.Rating{EventSeq: 2, Score: score}}))(t)
	}
	rate("down", -1)
	if n := count(t, d.DB, "select count(*) from good_replies"); n != 0 || jobs() != 0 {
		t.Errorf("rated badly: %d are kept, %d jobs", n, jobs())
	}
	if l := must(d.LearnableReplies(ctx, d.site.ID, d.conversation))(t); len(l) != 0 {
		t.Errorf("learnt although it was rated badly: %+v", l)
	}
	rate("up", 1)
	if l := must(d.LearnableReplies(ctx, d.site.ID, d.conversation))(t); len(l) != 1 || jobs() != 1 {
		t.Errorf("rated well: %+v, %d jobs", l, jobs())
	}
	// Where no draft was sent there is nothing to learn.
	d.exec(t, "update drafts set sent_seq = null, sent_text = null")
	if rate("again", 1); jobs() != 1 {
		t.Errorf("%d jobs", jobs())
	}
}

func TestCareGuides(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	if g := must(d.CareGuide(ctx, d.site.ID))(t); g.Version != 0 || g.Markdown != "" {
		t.Errorf("at first %+v", g)
	}
	agent := newAgent(t, d.DB)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if _, err := d.SaveCareGuide(context.Background(), d.site.ID, "# Ours", []string{"10 % off"}, settings.Actor{ID: agent, Name: "Jo Miller"}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if g := must(d.CareGuide(ctx, d.site.ID))(t); g.Version != 4 || g.Markdown != "# Ours" || g.Offers[0] != "10 % off" {
		t.Errorf("after four %+v", g)
	}
	v := must(d.CareGuides(ctx, d.site.ID, 10))(t)
	if len(v) != 4 || v[0].Version != 4 || v[0].By != "Jo Miller" {
		t.Errorf("versions %+v", v)
	}
	// What an admin saves that is Careloop's own text stays Careloop's, also when
	// that changes.
	keeper := settings.Keeper{Store: d.DB, CareGuide: "# Careloop's"}
	g := must(keeper.SaveGuide(ctx, d.site.ID, " # Careloop's\n", []string{" a  voucher ", ""}, settings.Actor{ID: agent, Name: "Jo Miller"}))(t)
	if !g.Default || g.Markdown != "# Careloop's" || len(g.Offers) != 1 || g.Offers[0] != "a voucher" {
		t.Errorf("saved %+v", g)
	}
	for _, bad := range [][]string{{strings.Repeat("x", 20_001)}, {"", strings.Repeat("y", 301)}, {"a\x00"}} {
		_, err := keeper.SaveGuide(ctx, d.site.ID, bad[0], bad[1:], settings.Actor{})
		wantCode(t, err, settings.CodeBadGuide)
	}
	must(keeper.SaveGuide(ctx, d.site.ID, "# Ours", nil, settings.Actor{ID: agent, Name: "Jo Miller"}))(t)
	w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	if in := must(d.DraftInput(ctx, w.ID, 5))(t); in.Guide.Version != 6 || in.Guide.Markdown != "# Ours" {
		t.Errorf("input %+v", in.Guide)
	}
}

func TestDraftEvidence(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	w := must(d.BeginDraft(ctx, d.begin("a", 1)))(t)
	must(d.FinishDraft(ctx, ready(w, "a", "Text")))(t)
	must(d.SaveCareGuide(ctx, d.site.ID, "", []string{"20 % off"}, settings.Actor{Name: "test"}))(t)
	d.exec(t, "insert into handoffs (site_id, conversation_id, seq, passages, orders) values ($1, $2, 1, '[{\"title\":\"T\",\"quote\":\"costs €9\",\"url\":\"/u\"}]', '{4711}')", d.site.ID, d.conversation)
	d.exec(t, "insert into events (conversation_id, seq, kind, author_kind, text) values ($1, 90, 'note', 'agent', 'he gets €30')", d.conversation)
	st := must(d.DraftEvidence(ctx, d.site.ID, d.conversation, []string{"no id"}))(t)
	all := strings.Join(st.Texts, "|")
	for _, want := range []string{"Takes 5 days", "costs €9", "4711", "20 % off", "he gets €30"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in %q", want, all)
		}
	}
	if strings.Contains(all, "boots") || len(st.Shopper) != 1 {
		t.Errorf("what the shopper said counts as %q, %q", all, st.Shopper)
	}
}

// deaf is a bus that nobody listens to.
type deaf struct{}

func (deaf) Publish(assist.Signal) {}

type nowhere struct{}

func (nowhere) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	return retrieval.Result{}, nil
}

// hanging is a model that says nothing until its caller goes.
type hanging struct{ asked chan struct{} }

func (hanging) Name() string { return "hanging" }

func (h hanging) Write(ctx context.Context, _ llm.Request, _ func(llm.Delta) error) (llm.Result, error) {
	h.asked <- struct{}{}
	<-ctx.Done()
	return llm.Result{}, ctx.Err()
}

func writerOn(db *DB, owner string, writers ...assist.Writer) *draft.Writer {
	return draft.New(draft.Options{Store: db, Bus: deaf{}, Owner: owner, DailyBudget: 1000, Log: slog.New(slog.DiscardHandler),
		Composer: &draft.Composer{Search: nowhere{}, Writers: writers, Quoter: extractive.New(), Read: triage.New().Read, Limits: draft.DefaultLimits,
			HelpURL: func(assist.Site, retrieval.Article) string { return "" }}})
}

// A replica that stops in the middle leaves its draft to another, whose rescue
// writes it at once.
func TestAnotherReplicaFinishesADraft(t *testing.T) {
	d := newDrafting(t)
	ctx := t.Context()
	asked := make(chan struct{}, 1)
	first := writerOn(d.DB, "first", assist.Writer{Model: hanging{asked}, Price: assist.Price{Prompt: 1000}})
	second := writerOn(d.DB, "second")
	defer func() { _ = second.Stop(context.Background()) }()
	first.Draft(assist.DraftFor{SiteID: d.site.ID, ConversationID: d.conversation, Seq: 1})
	<-asked
	job := draft.Rescue{SiteID: d.site.ID, ConversationID: d.conversation, Seq: 1}
	wantCode(t, second.Rescue(ctx, job), draft.CodeHeld)
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := first.Stop(over); err == nil {
		t.Error("the first replica handed nothing over")
	}
	if err := second.Rescue(ctx, job); err != nil {
		t.Fatal(err)
	}
	got, ok, err := second.Latest(ctx, d.site.ID, d.conversation)
	if err != nil || !ok || got.State != draft.Ready || !strings.Contains(got.Text, "boots") {
		t.Errorf("latest %+v, %v, %v", got, ok, err)
	}
	if n := count(t, d.DB, "select attempt from drafts"); n != 2 {
		t.Errorf("attempt %d", n)
	}
	if err := second.Rescue(ctx, job); err != nil {
		t.Errorf("a rescue of what is there: %v", err)
	}
	if n := count(t, d.DB, "select coalesce(sum(reserved_micros), 0) from budgets"); n != 0 {
		t.Errorf("%d stay reserved", n)
	}
}

// A wish for a person enqueues the draft's rescue in its own transaction.
func TestEscalationEnqueuesTheDraft(t *testing.T) {
	d := newDrafting(t)
	d.exec(t, "update conversations set charge = 'person' where id = $1", d.conversation)
	acc := must(d.Accept(t.Context(), d.say(d.conversation, "c9", "Still nothing", "bot")))(t)
	if acc.Turn != nil {
		t.Fatal("the bot answers")
	}
	if n := count(t, d.DB, "select count(*) from river_job where kind = 'rescue_draft' and state = 'scheduled' and (args ->> 'seq')::int = 2"); n != 1 {
		t.Errorf("%d rescues", n)
	}
}
