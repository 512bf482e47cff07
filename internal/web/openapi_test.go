package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/careloop/careloop/assist/inbox"
	"github.com/careloop/careloop/assist/intake"
)

var update = flag.Bool("update", false, "rewrite console/openapi.json")

// consoleDocument is where the console's typed client is generated from.
const consoleDocument = "../../console/openapi.json"

// TestConsoleDocument keeps the description that the console is built against
// that of the handlers:
//
//	go test ./internal/web -run ConsoleDocument -update
func TestConsoleDocument(t *testing.T) {
	s := &Server{Options: Options{Inbox: &inbox.Desk{}, Intake: intake.New(intake.Options{})}}
	packed, err := json.Marshal(s.console(echo.New()))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, packed, "", " "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.WriteFile(consoleDocument, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(consoleDocument)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("console/openapi.json is not that of the handlers. Type:\n  go test ./internal/web -run ConsoleDocument -update")
	}
}
