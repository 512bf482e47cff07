package openai

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/careloop/careloop/assist/llm"
)

// serverError is what servers say about a failure, as far as it is used here.
// Its message is not: it may repeat the key, the prompt or the answer.
type serverError struct {
	Code  any    `json:"code"`
	Type  string `json:"type"`
	Param string `json:"param"`
	Inner *struct {
		Code string `json:"code"`
	} `json:"innererror"`
}

// UnmarshalJSON accepts any JSON: servers say "error": "text" as well.
func (e *serverError) UnmarshalJSON(b []byte) error {
	type plain serverError
	var p plain
	if json.Unmarshal(b, &p) == nil {
		*e = serverError(p)
	}
	return nil
}

// status gives the HTTP status that stands in the code, or 0.
func (e *serverError) status() int {
	switch code := e.Code.(type) {
	case float64:
		if code >= 400 && code < 600 {
			return int(code)
		}
	case string:
		if len(code) == 3 && code[0] >= '4' && code[0] <= '5' && code[1] >= '0' && code[1] <= '9' && code[2] >= '0' && code[2] <= '9' {
			return int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
		}
	}
	return 0
}

// reason gives the code or type where it is a plain word such as
// context_length_exceeded: nothing that could hold a key or a text.
func (e *serverError) reason() string {
	code, _ := e.Code.(string)
	for _, word := range []string{code, e.Type} {
		if word == "" || len(word) > 40 {
			continue
		}
		if !strings.ContainsFunc(word, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
			return word
		}
	}
	return ""
}

func (e *serverError) filtered() bool {
	code, _ := e.Code.(string)
	return code == "content_filter" || code == "content_policy_violation" || e.Type == "content_filter" ||
		e.Inner != nil && e.Inner.Code == "ResponsibleAIPolicyViolation"
}

// fault gives the failure that an error event in mid-stream means.
func (e *serverError) fault() *fault {
	reason := e.reason()
	kind := llm.Unavailable
	switch {
	case e.filtered():
		kind = llm.Filtered
	case e.status() != 0:
		kind = kindOf(e.status())
	case strings.Contains(reason, "rate_limit") || reason == "insufficient_quota":
		kind = llm.RateLimited
	case reason == "invalid_api_key" || reason == "authentication_error" || reason == "permission_error":
		kind = llm.Unauthorized
	case strings.Contains(reason, "invalid_request") || reason == "context_length_exceeded" || reason == "bad_request_error":
		kind = llm.BadRequest
	}
	if reason == "" {
		return faultf(kind, "the server reports an error in the stream")
	}
	return faultf(kind, "the server reports an error in the stream (%s)", reason)
}

func kindOf(status int) llm.Kind {
	switch {
	case status == 401 || status == 403:
		return llm.Unauthorized
	case status == 429:
		return llm.RateLimited
	case status >= 500 || status == 408 || status == 425:
		return llm.Unavailable
	case status >= 300:
		return llm.BadRequest
	}
	return llm.Malformed
}

// classify gives the kind of a failure and a cause that may be logged.
func classify(err error, started bool) (llm.Kind, time.Duration, error) {
	var f *fault
	if errors.As(err, &f) {
		return f.kind, 0, f
	}
	var status *statusError
	if errors.As(err, &status) {
		if status.filtered {
			return llm.Filtered, 0, status
		}
		return kindOf(status.code), status.retryAfter, status
	}
	if refused(err, true) != fieldNone { // by the library
		return llm.BadRequest, 0, err
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the address stays out: it may hold a password
	} else if errors.Is(err, io.EOF) {
		return llm.Truncated, 0, errors.New("the stream ended without a finish reason")
	} else if started {
		return llm.Truncated, 0, errors.New("the connection broke before a finish reason")
	}
	var network *net.OpError
	var name *net.DNSError
	switch text := err.Error(); {
	case strings.Contains(text, "awaiting response headers"):
		return llm.NoFirstToken, 0, errors.New("no answer in time")
	case errors.As(err, &name) && name.IsNotFound:
		return llm.Unavailable, 0, errors.New("the model server's name does not resolve")
	case name != nil:
		return llm.Unavailable, 0, errors.New("the model server's name could not be looked up")
	case errors.As(err, &network):
		return llm.Unavailable, 0, network
	case strings.Contains(text, "malformed"):
		// The error repeats what the server sent.
		return llm.Malformed, 0, errors.New("the answer is not HTTP")
	}
	return llm.Unavailable, 0, err
}
