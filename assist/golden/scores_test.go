package golden

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist"
)

// results draws results whose parts fit each other.
func results(t *rapid.T, name string) []Result {
	n := rapid.IntRange(0, 30).Draw(t, name)
	list := make([]Result, n)
	for i := range list {
		r := Result{Item: Item{N: i + 1, Key: fmt.Sprint("q", i), Kind: KindGolden, Verdict: rapid.SampledFrom([]Verdict{Answer, Abstain, Person}).Draw(t, "verdict")}}
		r.Outcome = rapid.SampledFrom([]assist.Outcome{assist.Answered, assist.Clarified, assist.Escalated}).Draw(t, "outcome")
		r.Rank = rapid.IntRange(0, 6).Draw(t, "rank")
		r.Millis = rapid.Float64Range(0, 5000).Draw(t, "ms")
		r.Cost = rapid.Int64Range(0, 9999).Draw(t, "cost")
		if r.Verdict == Answer {
			r.Expected = []Article{{Address: "en/a"}}
		}
		if r.Outcome == assist.Answered {
			r.Cited = []Article{{Address: rapid.SampledFrom([]string{"en/a", "en/b"}).Draw(t, "cited")}}
		}
		for range rapid.IntRange(0, 3).Draw(t, "sentences") {
			r.Sentences = append(r.Sentences, Sentence{Supported: rapid.Bool().Draw(t, "supported")})
		}
		if rapid.Bool().Draw(t, "past") {
			r.Kind, r.Verdict, r.Expected = KindPast, "", nil
			r.Past = &Past{Outcome: rapid.SampledFrom([]assist.Outcome{assist.Answered, assist.Clarified}).Draw(t, "was"), Rating: rapid.IntRange(-1, 1).Draw(t, "rating")}
		}
		r.Why = r.why()
		r.Right = r.Why == ""
		list[i] = r
	}
	return list
}

func TestScoresAreShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := results(t, "n")
		s := Score(list)
		for _, c := range changes(s, s, 0) {
			if c.Before < 0 || c.Before > 1 || math.IsNaN(c.Before) || c.Difference != 0 || c.Regressed {
				t.Fatalf("%+v", c)
			}
		}
		if s.Questions+s.Past.Questions != len(list) {
			t.Fatalf("%d and %d of %d", s.Questions, s.Past.Questions, len(list))
		}
		if s.P50 > s.P95 {
			t.Fatalf("half took %v, 95 of 100 %v", s.P50, s.P95)
		}
		if s.Retrieval.Hit1 > s.Retrieval.Hit5+1e-9 || s.Retrieval.Hit1 > s.Retrieval.MRR+1e-9 {
			t.Fatalf("%+v", s.Retrieval)
		}
		if s.Past.DislikedChanged > s.Past.Disliked || s.Past.Disliked > s.Past.Questions {
			t.Fatalf("%+v", s.Past)
		}
	})
}

// TestOrderDoesNotMatter: what is counted does not depend on when it was asked.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := results(t, "n")
		a, b := Score(list), Score(rapid.Permutation(list).Draw(t, "order"))
		if math.Abs(a.Retrieval.MRR-b.Retrieval.MRR) > 1e-12 {
			t.Fatal("the mean place depends on the order")
		}
		a.Retrieval.MRR, b.Retrieval.MRR = 0, 0
		if a != b {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// TestMendingNeverLowersTheShare: one wrong ending put right raises what is right.
func TestMendingNeverLowersTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := results(t, "n")
		before := Score(list)
		mended := append([]Result{}, list...)
		for i, r := range mended {
			if r.Kind == KindGolden && !r.Right {
				r.Outcome, r.Cited = r.Verdict.outcome(), r.Expected
				r.Why, r.Right = "", true
				mended[i] = r
				break
			}
		}
		after := Score(mended)
		if after.Right < before.Right || after.Answers.Right < before.Answers.Right || after.Abstention.Recall < before.Abstention.Recall {
			t.Fatalf("%+v\n%+v", before, after)
		}
	})
}

func TestComparingWithItselfFindsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := results(t, "n")
		c := Compare(list, list, 0)
		if c.Common != len(list) || c.Mine+c.Theirs != 0 || c.Regressed() {
			t.Fatalf("%+v", c)
		}
		for _, p := range c.Pairs {
			if p.Change != Same {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// TestCompareSidesAddUp over two sets of which parts are the same.
func TestCompareSidesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := results(t, "a"), results(t, "b")
		tolerance := rapid.Float64Range(0, 1).Draw(t, "tolerance")
		c := Compare(a, b, tolerance)
		if c.Common+c.Mine != len(b) || c.Common+c.Theirs != len(a) || len(c.Pairs) != len(b) {
			t.Fatalf("%d in common, %d, %d of %d and %d", c.Common, c.Mine, c.Theirs, len(a), len(b))
		}
		for i := 1; i < len(c.Pairs); i++ {
			if c.Pairs[i-1].weight() > c.Pairs[i].weight() {
				t.Fatal("the worst does not come first")
			}
		}
		for _, x := range c.Changes {
			if x.Regressed && x.Before-x.After <= tolerance {
				t.Fatalf("%+v at %v", x, tolerance)
			}
		}
		if tolerance == 1 && c.Regressed() {
			t.Fatal("nothing can fall by more than everything")
		}
	})
}

// TestAChangedAimIsNotCompared: who corrects what is expected is not told of a
// regression.
func TestAChangedAimIsNotCompared(t *testing.T) {
	was := Result{Item: Item{Key: "q", Kind: KindGolden, Verdict: Answer, Expected: []Article{{Address: "en/a"}}}, Right: true}
	now := was
	now.Expected, now.Right = []Article{{Address: "en/b"}}, false
	if c := Compare([]Result{was}, []Result{now}, 0); c.Common != 0 || c.Regressed() || c.Pairs[0].Change != Unasked {
		t.Errorf("%+v", c)
	}
}

func TestWhy(t *testing.T) {
	a, b := Article{ID: "1", Address: "en/a"}, Article{ID: "2", Address: "en/b"}
	golden := func(v Verdict, expected ...Article) Item {
		return Item{Kind: KindGolden, Verdict: v, Expected: expected}
	}
	for name, c := range map[string]struct {
		r    Result
		want Why
	}{
		"by an expected article": {Result{Item: golden(Answer, a, b), Outcome: assist.Answered, Cited: []Article{b}}, ""},
		"by any":                 {Result{Item: golden(Answer), Outcome: assist.Answered}, ""},
		"by another":             {Result{Item: golden(Answer, a), Outcome: assist.Answered, Cited: []Article{b}, Rank: 2}, OtherArticle},
		"by another, not found":  {Result{Item: golden(Answer, a), Outcome: assist.Answered, Cited: []Article{b}}, NotFound},
		"not found":              {Result{Item: golden(Answer, a), Outcome: assist.Clarified}, NotFound},
		"unsure":                 {Result{Item: golden(Answer, a), Outcome: assist.Clarified, Rank: 1}, Unsure},
		"stuck":                  {Result{Item: golden(Answer, a), Outcome: assist.Escalated, Reason: assist.ReasonStuck, Rank: 1}, Unsure},
		"held":                   {Result{Item: golden(Answer, a), Outcome: assist.Clarified, Reason: assist.ReasonUnsupported, Rank: 1}, Held},
		"a person instead":       {Result{Item: golden(Answer, a), Outcome: assist.Escalated, Reason: assist.ReasonFeeling, Rank: 1}, PersonCame},
		"broke":                  {Result{Item: golden(Answer, a), Outcome: assist.Escalated, Reason: assist.ReasonInternal}, Failed},
		"silent":                 {Result{Item: golden(Abstain), Outcome: assist.Clarified}, ""},
		"not silent":             {Result{Item: golden(Abstain), Outcome: assist.Answered}, Answered},
		"silent, by a person":    {Result{Item: golden(Abstain), Outcome: assist.Escalated}, PersonCame},
		"a person":               {Result{Item: golden(Person), Outcome: assist.Escalated}, ""},
		"no person":              {Result{Item: golden(Person), Outcome: assist.Answered}, NoPerson},
		"no person, asked back":  {Result{Item: golden(Person), Outcome: assist.Clarified}, NoPerson},
		"as then":                {Result{Item: Item{Kind: KindPast, Past: &Past{Outcome: assist.Answered, Cited: []Article{a}}}, Outcome: assist.Answered, Cited: []Article{a, b}}, ""},
		"as then, by another":    {Result{Item: Item{Kind: KindPast, Past: &Past{Outcome: assist.Answered, Cited: []Article{a}}}, Outcome: assist.Answered, Cited: []Article{b}}, Differs},
		"otherwise than then":    {Result{Item: Item{Kind: KindPast, Past: &Past{Outcome: assist.Clarified}}, Outcome: assist.Answered}, Differs},
	} {
		if got := c.r.why(); got != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}

func TestFileAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-zäöü€"\\?]{1,40}`)
		var list []Question
		known := map[string]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			q := Question{Text: text.Draw(t, "text"), Locale: rapid.SampledFrom([]string{"en", "de-AT"}).Draw(t, "locale"), History: []Message{}, Articles: []Article{},
				Verdict: rapid.SampledFrom([]Verdict{Answer, Abstain, Person}).Draw(t, "verdict"), Note: text.Draw(t, "note")}
			if rapid.Bool().Draw(t, "before") {
				q.History = append(q.History, Message{By: "bot", Text: text.Draw(t, "said"), Outcome: assist.Clarified})
			}
			if q.Verdict == Answer {
				q.Articles = append(q.Articles, Article{Address: "en/a-slug"})
			}
			if !known[q.Key()] {
				known[q.Key()] = true
				list = append(list, q)
			}
		}
		var b bytes.Buffer
		if err := WriteFile(&b, list); err != nil {
			t.Fatal(err)
		}
		got, err := ReadFile(&b)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(list) {
			t.Fatalf("%+v\n%+v", got, list)
		}
	})
}

func TestBrokenFilesNameTheLine(t *testing.T) {
	good := `{"question":"a?","locale":"en","verdict":"abstain"}` + "\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":                 {"", "line 1: the file holds no question"},
		"not JSON":              {good + "\n{oops", "line 3: this is not JSON"},
		"cut off":               {`{"question":"a?"`, "line 1: this is not JSON: the line ends in the middle"},
		"a list":                {"[]", "line 1: the line is not a JSON object"},
		"wrong kind":            {`{"question":5}`, "line 1: the field question holds a number"},
		"wrong field":           {`{"query":"a?"}`, `line 1: there is no field "query"`},
		"no question":           {`{"locale":"en","verdict":"answer"}`, "line 1: there is no question"},
		"no language":           {`{"question":"a?","verdict":"answer"}`, `line 1: the language "" is none`},
		"no verdict":            {`{"question":"a?","locale":"en"}`, `line 1: the verdict is ""`},
		"bad address":           {`{"question":"a?","locale":"en","verdict":"answer","articles":["returns"]}`, `line 1: the article "returns" is no address`},
		"articles for a person": {`{"question":"a?","locale":"en","verdict":"person","articles":["en/returns"]}`, "line 1: the verdict is person, so no article can be expected"},
		"strange speaker":       {`{"question":"a?","locale":"en","verdict":"person","history":[{"by":"cat","text":"miau"}]}`, `line 1: message 1 before the question is by "cat"`},
		"twice":                 {good + strings.ReplaceAll(good, "a?", " A?"), "line 2: the question of line 1 stands here once more"},
		"not UTF-8":             {"{\"question\":\"\xff\"}", "line 1: the line is not valid UTF-8"},
		"two in a line":         {`{"question":"a?","locale":"en","verdict":"abstain"} {}`, "line 1: something stands behind the JSON object"},
	} {
		_, err := ReadFile(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadFile(strings.NewReader("\ufeff" + good)); err != nil {
		t.Errorf("a mark of order: %v", err)
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add(`{"question":"a?","locale":"en","verdict":"abstain"}`)
	f.Add(`{"question":"a?","locale":"en","verdict":"answer","articles":["en/x"],"history":[{"by":"bot","text":"b"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadFile(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteFile(&b, list); err != nil {
			t.Fatal(err)
		}
		if again, err := ReadFile(&b); err != nil || len(again) != len(list) {
			t.Fatalf("%d, then %d: %v", len(list), len(again), err)
		}
	})
}

func TestRunAndBack(t *testing.T) {
	run := NewRun(Setting{Golden: 1, Models: []string{}}, []Result{{Item: Item{N: 1, Key: "k", Kind: KindGolden, Verdict: Abstain, Question: "a?"}, Outcome: assist.Clarified, Right: true, Millis: 3}})
	var b bytes.Buffer
	if err := run.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRun(&b)
	if err != nil || len(got.Results) != 1 || got.Results[0].Question != "a?" || got.Scores.P50 != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if lasting := got.Lasting(); lasting.Results[0].Millis != 0 || lasting.Scores.P50 != 0 || got.Results[0].Millis != 3 {
		t.Errorf("%+v", lasting)
	}
	if _, err := ReadRun(strings.NewReader(`{"format":9}`)); err == nil {
		t.Error("another format is read")
	}
}
