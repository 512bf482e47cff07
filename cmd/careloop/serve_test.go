package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist/llm/llmtest"
	"github.com/careloop/careloop/internal/pgcluster"
)

// patience bounds every wait.
const patience = 60 * time.Second

// server is careloop serve in a process of its own.
type server struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	done chan error
}

var printedAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs careloop serve and waits until it says where it is.
func (s *shell) start(args ...string) *server {
	s.t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "CARELOOP_TEST_RUN_MAIN=1", "CARELOOP_SHUTDOWN_SPREAD=100ms")
	for k, v := range s.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	var log tail
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	srv := &server{t: s.t, cmd: cmd, done: make(chan error, 1)}
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if at := printedAddress.FindString(lines.Text()); at != "" {
				select {
				case address <- at:
				default:
				}
			}
		}
		srv.done <- cmd.Wait()
	}()
	s.t.Cleanup(func() {
		srv.kill(syscall.SIGKILL)
		if s.t.Failed() {
			s.t.Logf("the server's log:\n%s", log.String())
		}
	})
	select {
	case srv.url = <-address:
	case err := <-srv.done:
		s.t.Fatalf("the server ended: %v\n%s", err, log.String())
	case <-time.After(patience):
		s.t.Fatalf("the server does not start\n%s", log.String())
	}
	return srv
}

// kill sends a signal and waits for the end.
func (s *server) kill(sig syscall.Signal) error {
	_ = s.cmd.Process.Signal(sig) // it may have ended already
	select {
	case err := <-s.done:
		s.done <- err
		return err
	case <-time.After(patience):
		s.t.Error("the server does not end")
		return nil
	}
}

// tail keeps the last of what is written to it.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 16<<10 {
		t.b = t.b[len(t.b)-16<<10:]
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }

// frame is any frame of the server.
type frame struct {
	Type           string
	Kind           string
	Seq            int64
	Text           string
	Code           string
	ClientID       string `json:"client_id"`
	TurnID         string `json:"turn_id"`
	VisitorToken   string `json:"visitor_token"`
	ConversationID string `json:"conversation_id"`
	LastSeq        int64  `json:"last_seq"`
	Outcome        string
	Author         struct{ Kind string }
	Citations      []struct{ Title, URL, Quote string }
	Handoff        *struct{ State, Reason string }
}

// chat is a shopper's socket.
type chat struct {
	t       *testing.T
	ws      *websocket.Conn
	welcome frame
}

func (s *server) chat(hello map[string]any) *chat {
	s.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"careloop.v1"}, HandshakeTimeout: patience}
	ws, _, err := d.Dial("ws"+strings.TrimPrefix(s.url, "http")+"/v1/chat", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { ws.Close() })
	c := &chat{t: s.t, ws: ws}
	hello["type"] = "hello"
	c.send(hello)
	c.welcome = c.until(func(f frame) bool { return f.Type == "welcome" })
	return c
}

func (c *chat) send(v map[string]any) {
	c.t.Helper()
	if err := c.ws.WriteJSON(v); err != nil {
		c.t.Fatal(err)
	}
}

// until reads frames until one is wanted.
func (c *chat) until(want func(frame) bool) frame {
	c.t.Helper()
	for {
		_ = c.ws.SetReadDeadline(time.Now().Add(patience))
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			c.t.Fatalf("while waiting: %v", err)
		}
		var f frame
		if err := json.Unmarshal(b, &f); err != nil {
			c.t.Fatalf("%s: %v", b, err)
		}
		if want(f) {
			return f
		}
	}
}

func (c *chat) ask(clientID, text string) frame {
	c.t.Helper()
	c.send(map[string]any{"type": "message", "client_id": clientID, "text": text})
	return c.until(fromBot)
}

func fromBot(f frame) bool { return f.Type == "event" && f.Author.Kind == "bot" }

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestServeTheDemoShop(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	srv := s.start("--demo")
	for path, want := range map[string]string{
		"/":                                 "/widget.js",
		"/readyz":                           "ready",
		"/healthz":                          "ok",
		"/metrics":                          "careloop_",
		"/widget.js":                        "careloop",
		"/widget/frame?site=demo":           "/widget/app.js",
		"/help/return-worn-shoes?site=demo": "worn",
		"/v1/openapi.json":                  "openapi",
		"/v1/site?site_key=demo":            "Dunnock",
	} {
		if code, body := get(t, srv.url+path); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q", path, code, want)
		}
	}
	c := srv.chat(map[string]any{"site_key": "demo", "locale": "en"})
	a := c.ask("c1", "can I return shoes I wore once?")
	if a.Outcome != "answered" || !strings.Contains(a.Text, "30 days") || len(a.Citations) == 0 {
		t.Fatalf("%+v", a)
	}
	if code, _ := get(t, absolute(srv.url, a.Citations[0].URL)); code != 200 {
		t.Errorf("the citation leads to %s: %d", a.Citations[0].URL, code)
	}
	german := srv.chat(map[string]any{"site_key": "demo", "locale": "de-AT"})
	if a := german.ask("c1", "Kann ich Schuhe zurückgeben, die ich einmal getragen habe?"); a.Outcome != "answered" || !strings.Contains(a.Text, "30 Tage") {
		t.Errorf("in German: %+v", a)
	}
	if out := s.ok("handoffs", "--site", "demo"); !strings.Contains(out, "Nobody waits") {
		t.Errorf("handoffs: %s", out)
	}
	c.send(map[string]any{"type": "handoff", "client_id": "h1", "email": "ada@example.org", "note": "The sole is loose"})
	// No mail is configured: the address is kept for the agents, and none promised.
	told := c.until(func(f frame) bool { return f.Author.Kind == "bot" && f.Outcome == "escalated" })
	if strings.Contains(told.Text, "ada@example.org") || !strings.Contains(told.Text, "here in this chat") {
		t.Errorf("told: %s", told.Text)
	}
	out := s.ok("handoffs", "--site", "demo")
	if !strings.Contains(out, "ada@example.org") || !strings.Contains(out, "The sole is loose") || !strings.Contains(out, "can I return shoes") {
		t.Errorf("handoffs: %s", out)
	}
	if err := srv.kill(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func absolute(base, url string) string {
	if strings.HasPrefix(url, "/") {
		return base + url
	}
	return url
}

func TestStopSendsShoppersAwayToComeBack(t *testing.T) {
	t.Parallel()
	srv := newShell(t).start()
	c := srv.chat(map[string]any{})
	stopped := make(chan error, 1)
	go func() { stopped <- srv.kill(syscall.SIGTERM) }()
	_ = c.ws.SetReadDeadline(time.Now().Add(patience))
	_, _, err := c.ws.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("closed with %v, want 1012", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// modelShop is a shop with two articles and a scripted model.
func modelShop(t *testing.T) (*shell, *llmtest.Server) {
	s := newShell(t)
	dir := t.TempDir()
	text := "# Returning shoes\n\nYou can return shoes within 45 days of delivery. Returning costs 3 euros.\n"
	if err := os.WriteFile(dir+"/returns.md", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.ok("import", dir)
	model := llmtest.NewServer(t)
	s.env["OPENAI_BASE_URL"], s.env["OPENAI_API_KEY"], s.env["CARELOOP_MODEL"] = model.URL, "secret-key", "scripted"
	return s, model
}

func TestServeWithAModel(t *testing.T) {
	t.Parallel()
	s, model := modelShop(t)
	var mistake bool
	model.Choose(func(r llmtest.Request) llmtest.Script {
		if strings.Contains(r.Chat.LastUser(), "What does it cost") {
			mistake = true
			return llmtest.Answer("Returning is easy [1]. It costs 9.99 euros [1].")
		}
		return llmtest.Answer("Yes, within 45 days of delivery [1].")
	})
	srv := s.start()
	c := srv.chat(map[string]any{})
	c.send(map[string]any{"type": "message", "client_id": "c1", "text": "How long may I return shoes after delivery?"})
	streamed := ""
	a := c.until(func(f frame) bool {
		if f.Type == "delta" {
			streamed += f.Text
		}
		return fromBot(f)
	})
	if a.Text != "Yes, within 45 days of delivery [1]." || a.Outcome != "answered" || streamed != a.Text {
		t.Errorf("%+v, streamed %q", a, streamed)
	}
	seen := ""
	c.send(map[string]any{"type": "message", "client_id": "c2", "text": "What does it cost to return shoes?"})
	a = c.until(func(f frame) bool {
		seen += f.Text
		return fromBot(f)
	})
	if strings.Contains(seen, "9.99") || a.Outcome != "clarified" || a.Handoff == nil || a.Handoff.State != "offered" || !mistake {
		t.Errorf("%+v, seen %q", a, seen)
	}
	// The same first frame again is the same message.
	c.send(map[string]any{"type": "message", "client_id": "c1", "text": "How long may I return shoes after delivery?"})
	if f := c.until(func(f frame) bool { return f.ClientID == "c1" }); f.Seq != 1 {
		t.Errorf("sent again it is event %d", f.Seq)
	}
	// Whoever comes back gets what was missed.
	back := srv.chat(map[string]any{"visitor_token": c.welcome.VisitorToken, "conversation_id": a.ConversationID, "after_seq": 2})
	if back.welcome.LastSeq < 4 {
		t.Errorf("welcome %+v", back.welcome)
	}
	if f := back.until(func(f frame) bool { return f.Type == "event" }); f.Seq != 3 {
		t.Errorf("the first event is %d", f.Seq)
	}
}

// A replica that is killed in mid-answer leaves its turn to another.
func TestKilledReplicasTurnIsRescued(t *testing.T) {
	t.Parallel()
	s, model := modelShop(t)
	model.Choose(func(llmtest.Request) llmtest.Script { return llmtest.StallAfter("You can return them ") })
	srv := s.start()
	c := srv.chat(map[string]any{})
	c.send(map[string]any{"type": "message", "client_id": "c1", "text": "How long may I return shoes after delivery?"})
	first := c.until(func(f frame) bool { return f.Type == "delta" })
	_ = srv.kill(syscall.SIGKILL)

	model.Choose(func(llmtest.Request) llmtest.Script { return llmtest.Answer("Within 45 days of delivery [1].") })
	again := s.start()
	back := again.chat(map[string]any{"visitor_token": c.welcome.VisitorToken})
	a := back.until(fromBot)
	if a.TurnID != first.TurnID || a.Text != "Within 45 days of delivery [1]." {
		t.Errorf("%+v", a)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s, _ := modelShop(t)
	s.env["CARELOOP_CONFIDENCE"] = "high"
	_, errOut, code := s.run("ask", "Hello?")
	if code == 0 || strings.Contains(errOut, "secret-key") {
		t.Errorf("code %d, %s", code, errOut)
	}
	if strings.Contains(s.ok("serve", "--help"), "secret-key") {
		t.Error("the help shows a key")
	}
}

func TestPrivateInstance(t *testing.T) {
	t.Parallel()
	if _, err := pgcluster.Find(); err != nil && os.Getenv("DATABASE_URL") != "" {
		t.Skip("this machine has no PostgreSQL of its own: ", err)
	}
	s := &shell{t: t, env: map[string]string{"DATABASE_URL": ""}}
	data := t.TempDir() + "/data"
	srv := s.start("--data-dir", data)
	if code, body := get(t, srv.url+"/readyz"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
	// Another command joins the running cluster.
	if out := s.ok("site", "--data-dir", data); !strings.Contains(out, "shop") {
		t.Errorf("site: %s", out)
	}
	if err := srv.kill(syscall.SIGTERM); err != nil {
		t.Errorf("ended with %v", err)
	}
	if _, err := os.Stat(data + "/postgres/postmaster.pid"); err == nil {
		t.Error("the private server still runs")
	}
}
