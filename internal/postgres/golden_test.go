package postgres

import (
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/golden"
)

func goldenOf(text string, articles ...string) golden.Question {
	q := golden.Question{Text: text, Locale: "en", History: []golden.Message{}, Verdict: golden.Answer}
	for _, id := range articles {
		q.Articles = append(q.Articles, golden.Article{ID: id})
	}
	return q
}

func TestGoldenQuestionsAreOfTheirSite(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	publish(t, s.DB, faq(s.site.ID, "a", "A page", "en", "Words."))
	publish(t, s.DB, faq(other.ID, "b", "B page", "en", "Words."))
	here := must(s.ArticlesAt(ctx, s.site.ID, []string{"en/a-page", "en/b-page"}))(t)
	if len(here) != 1 || here["en/a-page"].Title != "A page" || !here["en/a-page"].Published {
		t.Fatalf("%+v", here)
	}
	theirs := must(s.ArticlesAt(ctx, other.ID, []string{"en/b-page"}))(t)["en/b-page"].ID

	made := must(s.SaveGolden(ctx, s.site.ID, goldenOf("What?", here["en/a-page"].ID), ""))(t)
	_, err := s.SaveGolden(ctx, s.site.ID, goldenOf(" what? "), "")
	wantCode(t, err, golden.CodeKnownQuestion)
	_, err = s.SaveGolden(ctx, s.site.ID, goldenOf("Which?", theirs), "")
	wantCode(t, err, golden.CodeUnknownArticle)
	_, err = s.Golden(ctx, other.ID, made.ID)
	wantCode(t, err, golden.CodeUnknownGolden)
	made.Note = "mine now"
	_, err = s.SaveGolden(ctx, other.ID, golden.Question{ID: made.ID, Text: "What?", Locale: "en", Verdict: golden.Answer}, "")
	wantCode(t, err, golden.CodeUnknownGolden)
	wantCode(t, s.DeleteGolden(ctx, other.ID, made.ID), golden.CodeUnknownGolden)
	wantCode(t, s.DeleteGolden(ctx, s.site.ID, "no id"), golden.CodeUnknownGolden)
	if list := must(s.Goldens(ctx, other.ID, golden.Filter{Limit: 10}))(t); list.Total != 0 || list.Counts.All != 0 {
		t.Errorf("%+v", list)
	}

	// A file: what is there gets the file's verdict, the rest is added, and a second time nothing changes.
	again := goldenOf("What?")
	again.Verdict = golden.Person
	for i, want := range []golden.Added{{Added: 1, Changed: 1}, {Unchanged: 2}} {
		got := must(s.AddGoldens(ctx, s.site.ID, []golden.Question{again, goldenOf("New?")}, ""))(t)
		if got.Added != want.Added || got.Changed != want.Changed || got.Unchanged != want.Unchanged {
			t.Errorf("round %d: %+v", i, got)
		}
	}
	if got := must(s.Golden(ctx, s.site.ID, made.ID))(t); got.Verdict != golden.Person || len(got.Articles) != 0 {
		t.Errorf("%+v", got)
	}
	if locales := must(s.ArticleLocales(ctx, s.site.ID))(t); len(locales) != 1 || locales[0] != "en" {
		t.Errorf("%v", locales)
	}
}

// TestReplaysGoOn: one that was interrupted knows what is left; one that is over
// takes no result; nobody sees another site's.
func TestReplaysGoOn(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	other := must(s.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	items := golden.Items([]golden.Question{goldenOf("One?"), goldenOf("Two?")})
	r := must(s.StartReplay(ctx, s.site.ID, golden.Setting{Golden: 2, Models: []string{}}, items, ""))(t)
	_, err := s.StartReplay(ctx, s.site.ID, golden.Setting{}, items, "")
	wantCode(t, err, golden.CodeReplayRunning)
	if n := count(t, s.DB, `select count(*) from river_job where kind = 'run_replay'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	result := golden.Result{Item: items[0], Outcome: assist.Answered, Right: true, Cost: 70}
	for range 2 { // the same once more is not counted twice
		if err := s.SaveResult(ctx, r.ID, result); err != nil {
			t.Fatal(err)
		}
	}
	work := must(s.ReplayWork(ctx, r.ID))(t)
	if len(work.Items) != 1 || work.Items[0].Question != "Two?" || work.Spent != 70 || work.Site.Key != s.site.Key {
		t.Errorf("%+v", work)
	}
	if got := must(s.Replay(ctx, s.site.ID, r.ID))(t); got.Done != 1 || got.Total != 2 {
		t.Errorf("%+v", got)
	}
	_, err = s.Replay(ctx, other.ID, r.ID)
	wantCode(t, err, golden.CodeUnknownReplay)
	_, err = s.CancelReplay(ctx, other.ID, r.ID)
	wantCode(t, err, golden.CodeUnknownReplay)
	if got := must(s.Results(ctx, other.ID, r.ID))(t); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if err := s.FinishReplay(ctx, r.ID, golden.Done, golden.Score([]golden.Result{result}), ""); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.SaveResult(ctx, r.ID, golden.Result{Item: items[1]}), golden.CodeUnknownReplay)
	_, err = s.ReplayWork(ctx, r.ID)
	wantCode(t, err, golden.CodeUnknownReplay)
	_, err = s.ReplayBefore(ctx, s.site.ID, r.ID)
	wantCode(t, err, golden.CodeUnknownReplay)
	if last := must(s.ReplayBefore(ctx, s.site.ID, ""))(t); last.ID != r.ID || last.FinishedAt == nil {
		t.Errorf("%+v", last)
	}
	stored := must(s.StoreReplay(ctx, s.site.ID, golden.Setting{Via: "command_line"}, []golden.Result{result}, golden.Scores{}))(t)
	if before := must(s.ReplayBefore(ctx, s.site.ID, stored.ID))(t); before.ID != r.ID {
		t.Errorf("%+v", before)
	}
}

// TestPastQuestions: what the bot ended alone with the shopper, with its talk and
// the shopper's verdict; what shoppers liked is proposed.
func TestPastQuestions(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	acc := s.opened(t, "me")
	did := must(s.FinishTurn(ctx, answer(acc.Turn.ID, "me")))(t)
	must(s.AcceptRating(ctx, assist.AcceptRating{Visit: s.visit(acc.Conversation.ID, "r1"), Rating: assist.Rating{EventSeq: did.Event.Seq, Score: 1}}))(t)
	past := must(s.PastTurns(ctx, s.site.ID, 10, 12))(t)
	if len(past) != 1 || past[0].Past.Outcome != assist.Answered || past[0].Past.Rating != 1 || len(past[0].Input.Messages) != 1 || past[0].TurnID != acc.Turn.ID {
		t.Fatalf("%+v", past)
	}
	found := must(s.Candidates(ctx, s.site.ID, time.Now().Add(-time.Hour), 10))(t)
	if len(found) != 1 || found[0].Because != "rated_up" || len(found[0].Messages) != 1 {
		t.Errorf("%+v", found)
	}
	// After a handoff people are in the talk: such a question is not asked anew.
	again := must(s.Accept(ctx, s.say(acc.Conversation.ID, "m2", "And now?", "me")))(t)
	must(s.FinishTurn(ctx, escalating(again.Turn.ID, "me", &assist.Situation{})))(t)
	third := must(s.Accept(ctx, s.say(acc.Conversation.ID, "m3", "Hello?", "me")))(t)
	if third.Turn != nil {
		must(s.FinishTurn(ctx, answer(third.Turn.ID, "me")))(t)
	}
	if past = must(s.PastTurns(ctx, s.site.ID, 10, 12))(t); len(past) != 2 {
		t.Errorf("%d past questions", len(past))
	}
}

func TestAskingSpendsOfTheDaysBudget(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	r, ok, err := s.Reserve(ctx, s.site.ID, 600, 1000)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, ok, err := s.Reserve(ctx, s.site.ID, 600, 1000); ok || err != nil {
		t.Errorf("more was set aside than there is: %v, %v", ok, err)
	}
	calls := []assist.CallRecord{{Model: "m", PromptTokens: 10, CompletionTokens: 5, Cost: 250}}
	if err := s.Settle(ctx, s.site.ID, []golden.Reservation{r}, calls, 250); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s.DB, `select count(*) from budgets where spent_micros = 250 and reserved_micros = 0`); n != 1 {
		t.Error("the day's budget does not tell what was spent")
	}
	if n := count(t, s.DB, `select count(*) from usage where model = 'm' and cost_micros = 250 and calls = 1`); n != 1 {
		t.Error("the call is not counted")
	}
}
