package llmtest

import (
	"strings"
	"time"

	"github.com/careloop/careloop/assist/llm"
)

// Fault is a way in which a model server fails, and how that ends at the seam.
type Fault struct {
	Script Script
	// Kind is the failure that a Model reports, behind Guard for those that are
	// a matter of time; empty where the answer counts, with Finish then.
	Kind   llm.Kind
	Finish llm.Finish
	// Started says that text was emitted before the failure.
	Started bool
	// NeedsGuard marks faults that only a bound on time or size ends.
	NeedsGuard bool
}

// said before the faults that come in mid-stream.
const begun = "You can return"

// Faults lists every fault that a server which accepts connections can show.
// Those without a server are RefusedURL and NoSuchHostURL.
func Faults() []Fault {
	cut := func(name string, steps ...Step) Script {
		return Script{Name: name, Steps: append(said(begun), steps...)}
	}
	return []Fault{
		{Script: Status(401, "").called("unauthorized"), Kind: llm.Unauthorized},
		{Script: Status(403, "").called("forbidden"), Kind: llm.Unauthorized},
		{Script: Status(404, "").called("not found"), Kind: llm.BadRequest},
		{Script: Status(429, "").called("rate limited"), Kind: llm.RateLimited},
		{Script: Status(429, "2").called("rate limited with retry-after"), Kind: llm.RateLimited},
		{Script: Status(500, "").called("server error"), Kind: llm.Unavailable},
		{Script: Status(503, "1").called("overloaded"), Kind: llm.Unavailable},
		{Script: Script{Name: "web page instead of an error", Status: 502, Body: "<html>Bad gateway</html>"}, Kind: llm.Unavailable},
		{Script: NoFirstToken(), Kind: llm.NoFirstToken, NeedsGuard: true},
		{Script: KeepalivesOnly(time.Millisecond), Kind: llm.NoFirstToken, NeedsGuard: true},
		{Script: EmptyDeltasOnly(time.Millisecond), Kind: llm.NoFirstToken, NeedsGuard: true},
		{Script: cut("stall in mid-stream", Hang()), Kind: llm.Stalled, Started: true, NeedsGuard: true},
		{Script: cut("stall in mid-stream under keepalives", Repeat(": keepalive\n\n", time.Millisecond)), Kind: llm.Stalled, Started: true, NeedsGuard: true},
		{Script: cut("clean end without finish_reason", Done()), Kind: llm.Truncated, Started: true},
		{Script: cut("end without finish_reason or mark"), Kind: llm.Truncated, Started: true},
		{Script: cut("json cut in half", Raw(`data: {"id":"x","choices":[{"del`+"\n\n"), Done()), Kind: llm.Malformed, Started: true},
		{Script: cut("json cut in half by the end", Raw(`data: {"id":"x","choices":[{"del`)), Kind: llm.Truncated, Started: true},
		{Script: cut("error event", Raw(`data: {"error":{"message":"The server had an error","type":"server_error","code":null}}`+"\n\n"), Hang()), Kind: llm.Unavailable, Started: true},
		{Script: cut("error event among other fields", Raw(`data: {"id":"x","error":{"message":"overloaded","code":429},"choices":[]}`+"\n\n"), Hang()), Kind: llm.RateLimited, Started: true},
		{Script: cut("error event of another form", Raw("event: error\ndata: {\"error\": \"out of memory\"}\n\n"), Hang()), Kind: llm.Unavailable, Started: true},
		{Script: Stream(Raw("\x00\xff\xfe nonsense\nmore of it\n"), Hang()).called("garbage"), Kind: llm.Malformed},
		{Script: cut("garbage in mid-stream", Raw("data: %%%%\n\n"), Hang()), Kind: llm.Malformed, Started: true},
		{Script: Stream(Raw("<!doctype html><title>Log in</title>\n")).called("web page instead of a stream"), Kind: llm.Malformed},
		{Script: Stream(Raw("data: "), Repeat(strings.Repeat("a", 64<<10), 0)).called("endless line"), Kind: llm.Malformed},
		{Script: cut("endless line in mid-stream", Raw("data: "), Repeat(strings.Repeat("a", 64<<10), 0)), Kind: llm.Malformed, Started: true},
		{Script: Stream(Raw(`data: {"id":"x","choices":[]}`+"\n\n"), Done()).called("empty choices"), Kind: llm.Truncated},
		{Script: Stream(Role(), Finish("stop"), Usage(10, 0), Done()).called("finished without a word"), Kind: llm.Empty},
		{Script: Length(begun), Finish: llm.FinishLength, Started: true},
		{Script: ContentFilter(begun), Kind: llm.Filtered, Started: true},
		{Script: Refusal(400, "Filtered.", "content_filter", "", "").called("content filter refuses the prompt"), Kind: llm.Filtered},
		{Script: Stream(Role(), Repeat(Token(" word").raw, 0)).called("huge answer"), Kind: llm.TooLong, Started: true, NeedsGuard: true},
		{Script: Stream(Reset()).called("reset before the answer"), Kind: llm.Unavailable},
		{Script: cut("reset in mid-stream", Reset()), Kind: llm.Truncated, Started: true},
		{Script: Stream(Role(), ToolPiece(0, "c1", "find_order", `{"id":`), Finish("tool_calls"), Done()).called("tool arguments cut in half"), Kind: llm.Malformed, Started: true},
	}
}

// NoFirstToken opens the stream and says nothing.
func NoFirstToken() Script { return Stream(Hang()).called("no first token") }

// KeepalivesOnly sends comments for ever.
func KeepalivesOnly(every time.Duration) Script {
	return Stream(Repeat(": keepalive\n\n", every)).called("keepalives only")
}

// EmptyDeltasOnly sends deltas without text for ever.
func EmptyDeltasOnly(every time.Duration) Script {
	return Stream(Repeat(Role().raw, every)).called("empty deltas only")
}

// StallAfter says the text and then nothing more.
func StallAfter(text string) Script {
	return Script{Name: "stall", Steps: append(said(text), Hang())}
}

// NoFinishReason says the text and ends cleanly, but without a finish reason.
func NoFinishReason(text string) Script {
	return Script{Name: "no finish reason", Steps: append(said(text), Done())}
}

// ErrorEvent says the text and then that the server failed.
func ErrorEvent(text string) Script {
	return Script{Name: "error event", Steps: append(said(text),
		Raw(`data: {"error":{"message":"The server had an error","type":"server_error"}}`+"\n\n"))}
}

// Length says the text and stops because the bound on tokens was reached.
func Length(text string) Script {
	return Script{Name: "finish_reason length", Steps: append(said(text), Finish("length"), Usage(10, 3), Done())}
}

// ContentFilter says the text and is then stopped by the provider's filter.
func ContentFilter(text string) Script {
	return Script{Name: "content filter", Steps: append(said(text), Finish("content_filter"), Usage(10, 3), Done())}
}

// ResetAfter says the text and then the connection breaks.
func ResetAfter(text string) Script {
	return Script{Name: "reset", Steps: append(said(text), Reset())}
}

func (s Script) called(name string) Script {
	s.Name = name
	return s
}
