package web

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
)

// examples are the JSON blocks of docs/protocol.md.
func examples(t testing.TB) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range regexp.MustCompile("(?s)```json\n(.*?)\n```").FindAllSubmatch(page, -1) {
		list = append(list, string(m[1]))
	}
	return list
}

// Every example is decoded into its type without a field left over, and encoded
// again to the same JSON.
func TestExamplesOfTheProtocol(t *testing.T) {
	types := map[string]func() any{
		"hello":   func() any { return &helloFrame{} },
		"message": func() any { return &messageFrame{} },
		"handoff": func() any { return &handoffFrame{} },
		"typing":  func() any { return &typingFrame{} },
		"summary": func() any { return &summaryFrame{} },
		"read":    func() any { return &readFrame{} },
		"rate":    func() any { return &rateFrame{} },
		"welcome": func() any { return &welcomeFrame{} },
		"event":   func() any { return &eventFrame{} },
		"delta":   func() any { return &deltaFrame{} },
		"retract": func() any { return &retractFrame{} },
		"status":  func() any { return &statusFrame{} },
		"error":   func() any { return &errorFrame{} },
	}
	seen := map[string]bool{}
	for _, example := range examples(t) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(example), &fields); err != nil {
			t.Errorf("%s: %v", example, err)
			continue
		}
		kind, _ := fields["type"].(string)
		seen[kind] = true
		t.Run(kind, func(t *testing.T) {
			if types[kind] == nil {
				t.Fatalf("no type for %s", example)
			}
			frame := types[kind]()
			delete(fields, "type")
			rest, _ := json.Marshal(fields)
			d := json.NewDecoder(bytes.NewReader(rest))
			d.DisallowUnknownFields()
			if err := d.Decode(frame); err != nil {
				t.Fatal(err)
			}
			var again map[string]any
			if err := json.Unmarshal(encode(kind, frame), &again); err != nil {
				t.Fatal(err)
			}
			if again["type"] != kind {
				t.Errorf("type %v", again["type"])
			}
			delete(again, "type")
			if !reflect.DeepEqual(again, fields) {
				t.Errorf("encoded as\n%v, the page says\n%v", again, fields)
			}
		})
	}
	for kind := range types {
		if !seen[kind] {
			t.Errorf("the page has no example of %s", kind)
		}
	}
}

// Every code that the page names is known here with the same consequence.
func TestErrorTableOfTheProtocol(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| code | meaning | socket |")
	table, _, _ = strings.Cut(table, "## Close codes")
	rows := 0
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		closes := regexp.MustCompile(`^ closed (\d+)`).FindStringSubmatch(cells[3])
		for _, code := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
			rows++
			want := 0
			if closes != nil {
				want = map[string]int{"4400": closeBadFrame, "4401": closeWho, "4403": closeForbidden, "4429": closeTooMany}[closes[1]]
			}
			if got := closeFor(code[1]); got != want {
				t.Errorf("%s closes with %d here, the page says %q", code[1], got, cells[3])
			}
		}
	}
	if rows < 15 {
		t.Errorf("the table was not found: %d rows", rows)
	}
}

func TestEventShowsShoppersNoInnerIDs(t *testing.T) {
	data := string(encode("event", eventFrameOf(assist.Event{
		Seq: 1, Handoff: &assist.Handoff{State: assist.HandoffPassed, Reason: assist.ReasonFeeling}, At: time.Date(2026, 1, 2, 4, 4, 5, 678901234, time.FixedZone("", 3600)),
		Citations: []assist.Citation{{N: 1, Title: "Returns", ArticleID: "inner", Version: 7, Quote: "</script>"}},
	})))
	for _, absent := range []string{"inner", "version", "</script>", "anger"} {
		if strings.Contains(data, absent) {
			t.Errorf("%s holds %q", data, absent)
		}
	}
	if !strings.Contains(data, `"at":"2026-01-02T03:04:05.678Z"`) {
		t.Errorf("the time in %s", data)
	}
}

func TestDecodeFrame(t *testing.T) {
	good := map[string]any{
		`{"type":"typing"}`:                                                                    &typingFrame{},
		` {"type":"typing","unknown":[{}]} `:                                                   &typingFrame{},
		`{"type":"message","client_id":"c","text":"<b>\u0000"}`:                                &messageFrame{ClientID: "c", Text: "<b>\x00"},
		`{"type":"message","client_id":"c","text":"\ud83d\ude42"}`:                             &messageFrame{ClientID: "c", Text: "🙂"},
		`{"type":"rate","client_id":"c","event_seq":4,"score":-1}`:                             &rateFrame{ClientID: "c", EventSeq: 4, Score: -1},
		`{"type":"message","text":"a","text":"b"}`:                                             &messageFrame{Text: "b"},
		`{"type":"hello","after_seq":4,"page":{"url":"u","x":1}}`:                              &helloFrame{AfterSeq: 4, Page: assist.Page{URL: "u"}},
		`{"type":"message","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`: &messageFrame{},
	}
	for data, want := range good {
		got, err := decodeFrame([]byte(data))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.80s: %+v, %v; want %+v", data, got, err, want)
		}
	}
	for _, data := range badFrames {
		if got, err := decodeFrame([]byte(data)); err == nil {
			t.Errorf("%.80q is taken as %+v", data, got)
		}
	}
}

var badFrames = []string{
	"", " ", "null", "true", "7", `"hello"`, "[]", `[{"type":"typing"}]`, "{", "{}", `{"type":null}`, `{"type":7}`, `{"type":""}`,
	`{"type":"nope"}`, `{"type":"Hello"}`, `{"type":"event"}`, `{"type":"typing"} x`, `{"type":"typing"}{"type":"typing"}`,
	`{"type":"message","client_id":7,"text":"x"}`, `{"type":"message","text":["x"]}`, `{"type":"rate","score":"1"}`,
	`{"type":"rate","event_seq":1.5}`, `{"type":"rate","event_seq":99999999999999999999}`, `{"type":"hello","after_seq":"4"}`,
	`{"type":"hello","page":"x"}`, "{\"type\":\"typing\",\"x\":\"\xff\"}", "{\"type\":\"message\",\"text\":\"\xed\xa0\x80\"}",
	"{\"type\":\"typing\x00\"}", "\ufeff{\"type\":\"typing\"}", `{"type":"message","x":` + strings.Repeat("[", 12000),
}

func FuzzFrame(f *testing.F) {
	for _, example := range examples(f) {
		f.Add([]byte(example))
	}
	for _, data := range badFrames {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := decodeFrame(data)
		if err != nil {
			if frame != nil {
				t.Fatalf("a frame beside an error: %+v", frame)
			}
			return
		}
		name := frameName(frame)
		if name == "unknown" {
			t.Fatalf("decoded to %T", frame)
		}
		// What was understood is understood again in the same way.
		again, err := decodeFrame(encode(name, frame))
		if err != nil || !reflect.DeepEqual(frame, again) {
			t.Fatalf("%+v became %+v, %v", frame, again, err)
		}
	})
}
