package web

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// maxFrame is the largest frame that is read, in bytes.
const maxFrame = 32 << 10

// errBadFrame is a frame that the protocol does not know.
var errBadFrame = errors.New("bad frame")

// decodeFrame reads one text frame: a *helloFrame, *messageFrame,
// *handoffFrame, *summaryFrame, *typingFrame, *readFrame or *rateFrame. Any error is errBadFrame: the
// sender is at fault and nothing in the frame is to be trusted.
func decodeFrame(data []byte) (any, error) {
	// Neither the socket library nor the JSON decoder checks this; the decoder
	// would replace what is invalid and change what the shopper said.
	if !utf8.Valid(data) {
		return nil, errBadFrame
	}
	var envelope struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &envelope); err != nil {
		return nil, errBadFrame
	}
	var frame any
	switch envelope.Type {
	case "hello":
		frame = &helloFrame{}
	case "message":
		frame = &messageFrame{}
	case "handoff":
		frame = &handoffFrame{}
	case "summary":
		frame = &summaryFrame{}
	case "typing":
		frame = &typingFrame{}
	case "read":
		frame = &readFrame{}
	case "rate":
		frame = &rateFrame{}
	default:
		return nil, errBadFrame
	}
	if err := json.Unmarshal(data, frame); err != nil {
		return nil, errBadFrame
	}
	return frame, nil
}

// frameName is what metrics call a frame.
func frameName(frame any) string {
	switch frame.(type) {
	case *helloFrame:
		return "hello"
	case *messageFrame:
		return "message"
	case *handoffFrame:
		return "handoff"
	case *summaryFrame:
		return "summary"
	case *typingFrame:
		return "typing"
	case *readFrame:
		return "read"
	case *rateFrame:
		return "rate"
	}
	return "unknown"
}
