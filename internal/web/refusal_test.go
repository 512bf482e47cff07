package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/auth"
)

func TestBadFramesCloseTheSocket(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	huge := `{"type":"message","client_id":"c","text":"` + strings.Repeat("x", maxFrame) + `"}`
	for _, tc := range []struct {
		name  string
		hello bool
		kind  int
		data  string
		code  string
		close int
	}{
		{"not JSON", true, websocket.TextMessage, "hello", codeBadFrame, closeBadFrame},
		{"not JSON, before hello", false, websocket.TextMessage, "{", codeBadFrame, closeBadFrame},
		{"unknown type", true, websocket.TextMessage, `{"type":"teleport"}`, codeBadFrame, closeBadFrame},
		{"wrong type of a field", true, websocket.TextMessage, `{"type":"message","client_id":1}`, codeBadFrame, closeBadFrame},
		{"invalid UTF-8", true, websocket.TextMessage, "{\"type\":\"message\",\"client_id\":\"c\",\"text\":\"\xc3\x28\"}", codeBadFrame, closeBadFrame},
		{"binary", true, websocket.BinaryMessage, `{"type":"typing"}`, codeBadFrame, closeBadFrame},
		{"empty", true, websocket.TextMessage, "", codeBadFrame, closeBadFrame},
		{"too large", true, websocket.TextMessage, huge, codeFrameTooLarge, closeBadFrame},
		{"far too large", true, websocket.TextMessage, strings.Repeat(huge, 40), codeFrameTooLarge, closeBadFrame},
		{"too large, before hello", false, websocket.TextMessage, huge, codeFrameTooLarge, closeBadFrame},
		{"message before hello", false, websocket.TextMessage, `{"type":"message","client_id":"c","text":"x"}`, codeHelloExpected, closeWho},
		{"hello again", true, websocket.TextMessage, `{"type":"hello"}`, codeHelloAgain, closeBadFrame},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := dial(t, address, nil)
			if tc.hello {
				c.hello("")
			}
			if err := c.conn.WriteMessage(tc.kind, []byte(tc.data)); err != nil {
				t.Fatal(err)
			}
			c.expectError(tc.code)
			c.expectClose(tc.close)
		})
	}
	if len(w.visits) != 0 {
		t.Errorf("the desk saw %v", w.visits)
	}
}

func TestLargestFramePasses(t *testing.T) {
	_, address := serve(t, newWorld(), nil)
	c := dial(t, address, nil)
	c.hello("")
	frame := `{"type":"typing","x":"`
	c.send(frame + strings.Repeat("x", maxFrame-len(frame)-2) + `"}`)
	c.say("c_1", "still here")
	c.expectEvent(1)
}

func TestRefusedFramesKeepTheSocket(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello(`,"locale":"fr"`)
	for _, tc := range []struct{ frame, code, id string }{
		{`{"type":"message","client_id":"","text":"x"}`, "bad_client_id", ""},
		{`{"type":"message","client_id":"a b","text":"x"}`, "bad_client_id", "a b"},
		{`{"type":"message","client_id":"` + strings.Repeat("x", 1000) + `","text":"x"}`, "bad_client_id", ""},
		{`{"type":"message","client_id":"c_1","text":"  "}`, "empty_text", "c_1"},
		{`{"type":"message","client_id":"c_2","text":"` + strings.Repeat("é", 4001) + `"}`, "too_long", "c_2"},
		{`{"type":"handoff","client_id":"c_3","email":"nobody"}`, "bad_email", "c_3"},
		{`{"type":"rate","client_id":"c_4","event_seq":1,"score":7}`, "bad_rating", "c_4"},
	} {
		c.send(tc.frame)
		e := c.expectError(tc.code)
		if e.ClientID != tc.id || e.RetryAfterMs != 0 || !strings.HasPrefix(e.Message, "[fr]") {
			t.Errorf("%.60s: %+v", tc.frame, e)
		}
	}
	c.say("c_5", "panic-free")
	c.expectEvent(1)
	c.send(`{"type":"handoff","client_id":"c_6","email":"ada@example.org","note":"please"}`)
	if e := c.expectEvent(2); e.Kind != "handoff" || e.ClientID != "c_6" {
		t.Errorf("%+v", e)
	}
	c.send(`{"type":"rate","client_id":"c_7","event_seq":1,"score":1}`)
	if e := c.expectEvent(3); e.Kind != "rating" || e.ClientID != "c_7" {
		t.Errorf("%+v", e)
	}
}

func TestFailuresAreToldWithoutTheirCause(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello("")
	w.set(func(w *world) { w.failDesk = errors.New("secret host name refused connection") })
	c.say("c_1", "hello")
	e := c.expectError("unavailable")
	if e.ClientID != "c_1" || e.RetryAfterMs <= 0 || strings.Contains(e.Message, "secret") {
		t.Errorf("%+v", e)
	}
	// The very same frame goes through when the trouble is over.
	w.set(func(w *world) { w.failDesk = nil })
	c.say("c_1", "hello")
	c.expectEvent(1)
	// A panic costs this socket and nothing else.
	c.say("c_2", "panic")
	c.expectClose(closeInternal)
	dial(t, address, nil).hello("")
}

// signAs is a shop's word for who somebody is.
func signAs(t *testing.T, who, secret string, expires time.Duration) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": who, "name": "Ada", "exp": time.Now().Add(expires).Unix()}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestHelloRefusals(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	foreign := dial(t, address, nil)
	foreign.send(`{"type":"hello","site_key":"other"}`)
	foreignToken := foreign.expect("welcome").VisitorToken
	sign := func(secret string, expires time.Duration) string { return signAs(t, "customer-7", secret, expires) }
	for _, tc := range []struct {
		name, frame, code string
		close             int
	}{
		{"unknown site", `{"type":"hello","site_key":"nowhere"}`, codeUnknownSite, closeForbidden},
		{"endless site key", `{"type":"hello","site_key":"` + strings.Repeat("x", 5000) + `"}`, codeUnknownSite, closeForbidden},
		{"NUL in the site key", `{"type":"hello","site_key":"a\u0000"}`, codeUnknownSite, closeForbidden},
		{"stale token", `{"type":"hello","visitor_token":"` + auth.NewToken() + `"}`, codeBadToken, closeWho},
		{"nonsense token", `{"type":"hello","visitor_token":"'; drop table"}`, codeBadToken, closeWho},
		{"another site's token", `{"type":"hello","site_key":"demo","visitor_token":"` + foreignToken + `"}`, codeBadToken, closeWho},
		{"identity of another site", `{"type":"hello","site_key":"demo","identity":"` + sign("secret of other", time.Hour) + `"}`, codeBadIdentity, closeWho},
		{"identity out of date", `{"type":"hello","site_key":"demo","identity":"` + sign("secret of demo", -time.Hour) + `"}`, codeBadIdentity, closeWho},
		{"nonsense identity", `{"type":"hello","site_key":"demo","identity":"x"}`, codeBadIdentity, closeWho},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := dial(t, address, nil)
			c.send(tc.frame)
			c.expectError(tc.code)
			c.expectClose(tc.close)
		})
	}
	t.Run("store away", func(t *testing.T) {
		w.set(func(w *world) { w.failStore = errors.New("gone") })
		defer w.set(func(w *world) { w.failStore = nil })
		c := dial(t, address, nil)
		c.send(`{"type":"hello"}`)
		c.expectError(codeUnavailable)
		c.expectClose(closeInternal)
	})
	t.Run("signed in on two devices", func(t *testing.T) {
		identity := sign("secret of demo", time.Hour)
		one := dial(t, address, nil)
		token := one.hello(`,"identity":"` + identity + `"`).VisitorToken
		one.say("c_1", "from the phone")
		id := one.expectEvent(1).ConversationID
		// A stale token does no harm where the shop vouches.
		two := dial(t, address, nil)
		if welcome := two.hello(`,"identity":"` + identity + `","visitor_token":"` + auth.NewToken() + `"`); welcome.ConversationID != id || welcome.VisitorToken == "" {
			t.Errorf("%+v", welcome)
		}
		two.expectEvent(1)
		three := dial(t, address, nil)
		if welcome := three.hello(`,"identity":"` + identity + `","visitor_token":"` + token + `"`); welcome.VisitorToken != "" {
			t.Errorf("%+v", welcome)
		}
	})
}

// Who signs in takes along what they said before in the same browser, and only
// that.
func TestSigningInTakesTheConversationAlong(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	identity := signAs(t, "customer-7", "secret of demo", time.Hour)
	home := dial(t, address, nil)
	home.hello(`,"identity":"` + identity + `"`)
	before := dial(t, address, nil)
	token := before.hello("").VisitorToken
	before.say("c_1", "not signed in yet")
	id := before.expectEvent(1).ConversationID

	after := dial(t, address, nil)
	welcome := after.hello(`,"identity":"` + identity + `","visitor_token":"` + token + `","conversation_id":"` + id + `","after_seq":1`)
	if welcome.ConversationID != id || welcome.VisitorToken != "" {
		t.Errorf("%+v", welcome)
	}
	// The token goes on working, and so does the account on another device.
	again := dial(t, address, nil)
	if welcome := again.hello(`,"visitor_token":"` + token + `"`); welcome.ConversationID != id {
		t.Errorf("%+v", welcome)
	}
	elsewhere := dial(t, address, nil)
	if welcome := elsewhere.hello(`,"identity":"` + identity + `"`); welcome.ConversationID != id {
		t.Errorf("%+v", welcome)
	}
	// Knowing the conversation's id is not enough.
	thief := dial(t, address, nil)
	thief.send(`{"type":"hello","identity":"` + signAs(t, "mallory", "secret of demo", time.Hour) + `","conversation_id":"` + id + `"}`)
	thief.expectError(codeUnknownConv)
}

func TestSilenceBeforeHello(t *testing.T) {
	_, address := serve(t, newWorld(), func(o *Options) { o.Timing.Hello = 20 * time.Millisecond })
	c := dial(t, address, nil)
	// Pings are no hello and put nothing off.
	_ = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience))
	c.expectError(codeHelloExpected)
	c.expectClose(closeWho)
}

func TestHalfAFrameIsNotWaitedForLong(t *testing.T) {
	_, address := serve(t, newWorld(), func(o *Options) { o.Timing.Frame = 20 * time.Millisecond })
	c := dial(t, address, nil)
	c.hello("")
	// The head of a frame of 100 bytes, and 3 of them.
	if _, err := c.conn.NetConn().Write([]byte{0x81, 0x80 | 100, 0, 0, 0, 0, '{', '"', 't'}); err != nil {
		t.Fatal(err)
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	if _, _, err := c.conn.ReadMessage(); err == nil || timedOut(err) {
		t.Errorf("the socket lives on: %v", err)
	}
}

func TestAnotherShoppersConversation(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	victim := dial(t, address, nil)
	victim.hello("")
	victim.say("c_1", "my order 1001")
	theirs := victim.expectEvent(1).ConversationID

	thief := dial(t, address, nil)
	token := thief.hello("").VisitorToken
	thief.say("c_1", "mine")
	own := thief.expectEvent(1).ConversationID
	for _, id := range []string{theirs, uuid.NewString(), "nonsense", "{" + theirs + "}", strings.ToUpper(theirs) + "x"} {
		c := dial(t, address, nil)
		c.send(`{"type":"hello","site_key":"demo","visitor_token":"` + token + `","conversation_id":"` + id + `","after_seq":1}`)
		// Never told apart from one that does not exist; the shopper gets their
		// own instead, from its beginning.
		c.expectError("unknown_conversation")
		if welcome := c.expect("welcome"); welcome.ConversationID != own {
			t.Errorf("welcome to %q", welcome.ConversationID)
		}
		c.expectEvent(1)
	}
	// Nor do signals cross.
	victim.say("c_2", "and 1002")
	victim.expectEvent(2)
	thief.say("c_2", "next")
	if e := thief.expectEvent(2); e.Text != "next" {
		t.Errorf("%+v", e)
	}
}

func TestConversationThatIsOverGivesWayToANewOne(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello("")
	c.say("c_1", "hello")
	first := c.expectEvent(1).ConversationID
	w.set(func(w *world) { w.conversations = nil })
	c.say("c_2", "still there?")
	if e := c.expectError("unknown_conversation"); e.ClientID != "c_2" {
		t.Errorf("%+v", e)
	}
	c.say("c_2", "still there?")
	if e := c.expectEvent(1); e.ConversationID == first || e.ClientID != "c_2" {
		t.Errorf("%+v", e)
	}
}

func TestOrigins(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, func(o *Options) { o.PublicURL = "https://chat.example.com" })
	from := func(origin string) http.Header { return http.Header{"Origin": {origin}} }
	for origin, want := range map[string]int{
		"https://demo.example":       101,
		"https://DEMO.example:443":   101,
		"https://other.example":      101, // some site's; its hello must name that site
		"https://chat.example.com":   101,
		address:                      101,
		"http://demo.example":        403,
		"https://evil.example":       403,
		"https://demo.example.evil":  403,
		"https://demo.example:8443":  403,
		"null":                       403,
		"file://":                    403,
		"https://demo.example@evil/": 403,
	} {
		c, response, err := tryDial(address, from(origin))
		if response == nil || response.StatusCode != want {
			t.Errorf("%s: %v, %v; want %d", origin, response, err, want)
		}
		if c != nil {
			if c.Subprotocol() != subprotocol {
				t.Errorf("subprotocol %q", c.Subprotocol())
			}
			_ = c.Close()
		}
	}
	c := dial(t, address, from("https://other.example"))
	c.send(`{"type":"hello","site_key":"demo"}`)
	c.expectError(codeOriginNotAllowed)
	c.expectClose(closeForbidden)
	dial(t, address, from("https://demo.example")).hello("")
}

func TestVisitCarriesWhatHelloSaid(t *testing.T) {
	w := newWorld()
	_, address := serve(t, w, nil)
	c := dial(t, address, nil)
	c.hello(`,"locale":"pt-br","page":{"url":"https://shop.example/\u0000p/1","title":"` + strings.Repeat("B", 400) + `"}`)
	c.say("c_1", "hello")
	c.expectEvent(1)
	v := w.visits[0]
	if v.SiteID != "site-1" || v.Locale != "pt-BR" || v.Page.URL != "https://shop.example/p/1" || len(v.Page.Title) != 300 || v.ConversationID != "" {
		t.Errorf("%+v", v)
	}
	c.say("c_2", "hello")
	second := c.expectEvent(2)
	if v := w.visits[1]; v.ConversationID != second.ConversationID || v.ShopperID == "" {
		t.Errorf("%+v", v)
	}
}

func TestUnknownSiteIsOfTheDomain(t *testing.T) {
	for err, want := range map[error]int{
		&assist.Error{Code: assist.CodeUnknownSite}: 404, &assist.Error{Code: assist.CodeBadToken}: 401,
		&assist.Error{Code: assist.CodeTooLong}: 422, errors.New("x"): 503,
	} {
		if p := problemFor(err); p.Status != want {
			t.Errorf("%v: %d, want %d", err, p.Status, want)
		}
	}
}
