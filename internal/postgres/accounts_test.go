package postgres

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/internal/account"
)

const goodPassword = "lantern walnut gravel"

// office is a shop with an admin and an agent.
type office struct {
	shop
	*account.Accounts
	admin, agent account.Person
}

func newOffice(t testing.TB) office {
	t.Helper()
	s := newShop(t)
	a := must(account.New(t.Context(), s.DB))(t)
	o := office{shop: s, Accounts: a}
	o.admin = must(a.AddFromCommandLine(t.Context(), account.Invitation{Email: "ada@example.org", Role: account.Admin}, "Ada", goodPassword))(t)
	o.agent = must(a.AddFromCommandLine(t.Context(), account.Invitation{Email: "Mia@example.org", Role: account.Agent, SiteKeys: []string{"demo"}}, "Mia", goodPassword))(t)
	return o
}

var from = account.Visit{Address: "192.0.2.1", Network: "192.0.2.1", UserAgent: "Browser/1"}

func TestSignInAndOut(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	in := must(o.SignIn(ctx, " MIA@example.org ", goodPassword, from))(t)
	p, session, err := o.Who(ctx, in.Token)
	if err != nil || p.ID != o.agent.ID || p.Name != "Mia" || len(p.SiteKeys) != 1 || session.UserAgent != "Browser/1" {
		t.Fatalf("got %+v, %+v, %v", p, session, err)
	}
	if list := must(o.Sessions(ctx, p))(t); len(list) != 1 || list[0].ID != session.ID {
		t.Errorf("sessions %+v", list)
	}
	wantCode(t, o.EndSession(ctx, o.admin, session.ID), account.CodeUnknownSession) // somebody else's
	if err := o.EndSession(ctx, p, session.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = o.Who(ctx, in.Token)
	wantCode(t, err, account.CodeSignedOut)
	for _, token := range []string{"", "cs_", "nonsense", "cs_" + in.Token} {
		_, _, err = o.Who(ctx, token)
		wantCode(t, err, account.CodeSignedOut)
	}
}

func TestSessionsRunOut(t *testing.T) {
	o := newOffice(t)
	in := must(o.SignIn(t.Context(), "mia@example.org", goodPassword, from))(t)
	for name, sql := range map[string]string{
		"unused": "update agent_sessions set last_seen_at = now() - interval '8 days'",
		"old":    "update agent_sessions set last_seen_at = now(), expires_at = now() - interval '1 second'",
	} {
		if _, err := o.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		_, _, err := o.Who(t.Context(), in.Token)
		if assist.CodeOf(err) != account.CodeSignedOut {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	for range 5 {
		_, err := o.SignIn(ctx, "mia@example.org", "wrong password here", from)
		wantCode(t, err, account.CodeWrongCredentials)
	}
	var throttled *account.Throttled
	_, err := o.SignIn(ctx, "mia@example.org", goodPassword, from)
	if !errors.As(err, &throttled) || throttled.After <= 20*time.Second || throttled.After > 31*time.Second {
		t.Fatalf("the right password after five wrong ones: %v", err)
	}
	// Somebody else at the same address is not held back by it.
	if _, err := o.SignIn(ctx, "ada@example.org", goodPassword, from); err != nil {
		t.Error(err)
	}
	// The next failure after the block doubles it, and a success clears it.
	unblock := func() {
		if _, err := o.pool.Exec(ctx, "update sign_in_failures set blocked_until = null"); err != nil {
			t.Fatal(err)
		}
	}
	unblock()
	_, err = o.SignIn(ctx, "mia@example.org", "wrong again and again", from)
	wantCode(t, err, account.CodeWrongCredentials)
	if wait := must(o.BlockedFor(ctx, []string{"account:mia@example.org"}))(t); wait < 50*time.Second || wait > 61*time.Second {
		t.Errorf("blocked for %v", wait)
	}
	unblock()
	if _, err := o.SignIn(ctx, "mia@example.org", goodPassword, from); err != nil {
		t.Error(err)
	}
	if wait := must(o.BlockedFor(ctx, []string{"account:mia@example.org"}))(t); wait != 0 {
		t.Errorf("still blocked for %v", wait)
	}
}

// Failures are counted by what strangers type: they are forgotten once they
// count no more.
func TestOldFailuresAreSwept(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	for _, email := range []string{"old@example.org", "new@example.org"} {
		_, err := o.SignIn(ctx, email, "wrong", from)
		wantCode(t, err, account.CodeWrongCredentials)
	}
	if _, err := o.pool.Exec(ctx, "update sign_in_failures set last_at = now() - interval '2 hours' where key = 'account:old@example.org'"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.SignIn(ctx, "ada@example.org", goodPassword, from); err != nil {
		t.Fatal(err)
	}
	var keys []string
	if err := o.pool.QueryRow(ctx, "select array_agg(key order by key) from sign_in_failures").Scan(&keys); err != nil {
		t.Fatal(err)
	}
	if want := []string{"account:new@example.org", "address:192.0.2.1"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
}

// An address that no database can hold is a wrong one, not a failure.
func TestStrangeAddressesAreWrong(t *testing.T) {
	o := newOffice(t)
	for _, email := range []string{"a\x00b@example.org", strings.Repeat("ü", 254), "\xff@example.org"} {
		_, err := o.SignIn(t.Context(), email, goodPassword, from)
		wantCode(t, err, account.CodeWrongCredentials)
	}
}

func TestStrangersLearnNothing(t *testing.T) {
	o := newOffice(t)
	disabled := true
	if _, err := o.Change(t.Context(), o.admin, o.agent.ID, account.Change{Disabled: &disabled}, from); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"nobody@example.org", goodPassword}, {"mia@example.org", goodPassword}, {"ada@example.org", "wrong"}, {"", ""}} {
		_, err := o.SignIn(t.Context(), c[0], c[1], from)
		wantCode(t, err, account.CodeWrongCredentials)
	}
}

func TestDisablingEndsSessions(t *testing.T) {
	o := newOffice(t)
	in := must(o.SignIn(t.Context(), "mia@example.org", goodPassword, from))(t)
	disabled := true
	p := must(o.Change(t.Context(), o.admin, o.agent.ID, account.Change{Disabled: &disabled}, from))(t)
	if !p.Disabled {
		t.Errorf("%+v", p)
	}
	_, _, err := o.Who(t.Context(), in.Token)
	wantCode(t, err, account.CodeSignedOut)
}

func TestOneAdminStays(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	agent, disabled := account.Agent, true
	_, err := o.Change(ctx, o.admin, o.admin.ID, account.Change{Role: &agent}, from)
	wantCode(t, err, account.CodeLastAdmin)
	_, err = o.Change(ctx, o.admin, o.admin.ID, account.Change{Disabled: &disabled}, from)
	wantCode(t, err, account.CodeLastAdmin)
	// Of two admins who disable each other at once, one stays.
	second := must(o.AddFromCommandLine(ctx, account.Invitation{Email: "eve@example.org", Role: account.Admin}, "Eve", goodPassword))(t)
	var wait sync.WaitGroup
	failures := make(chan error, 2)
	for _, pair := range [][2]account.Person{{o.admin, second}, {second, o.admin}} {
		wait.Go(func() {
			_, err := o.Change(ctx, pair[0], pair[1].ID, account.Change{Disabled: &disabled}, from)
			failures <- err
		})
	}
	wait.Wait()
	close(failures)
	refused := 0
	for err := range failures {
		if err != nil {
			wantCode(t, err, account.CodeLastAdmin)
			refused++
		}
	}
	if any := must(o.AnyAdmin(ctx))(t); !any || refused != 1 {
		t.Errorf("an admin is left: %v; refused: %d", any, refused)
	}
}

func TestAgentsChangeNoRights(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	admin := account.Admin
	_, err := o.Change(ctx, o.agent, o.agent.ID, account.Change{Role: &admin}, from)
	wantCode(t, err, account.CodeNotAllowed)
	_, _, err = o.Invite(ctx, o.agent, account.Invitation{Email: "x@example.org", Role: account.Admin}, from)
	wantCode(t, err, account.CodeNotAllowed)
	_, err = o.People(ctx, o.agent)
	wantCode(t, err, account.CodeNotAllowed)
	_, err = o.AuditLog(ctx, o.agent, 0, 10)
	wantCode(t, err, account.CodeNotAllowed)
	_, err = o.Invitations(ctx, o.agent)
	wantCode(t, err, account.CodeNotAllowed)
	wantCode(t, o.Revoke(ctx, o.agent, o.admin.ID, from), account.CodeNotAllowed)
}

func TestInvitations(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	i, token, err := o.Invite(ctx, o.admin, account.Invitation{Email: "New@Example.org", Role: account.Agent, SiteKeys: []string{"demo"}}, from)
	if err != nil || i.Email != "new@example.org" || i.InvitedBy != "Ada" {
		t.Fatalf("%+v, %v", i, err)
	}
	_, again, err := o.Invite(ctx, o.admin, account.Invitation{Email: "new@example.org", Role: account.Agent, SiteKeys: []string{"demo"}}, from)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Invitation(ctx, token)
	wantCode(t, err, account.CodeUnknownInvitation) // the newer one counts
	_, err = o.Take(ctx, again, "Noor", "", "password123", "de", from)
	wantCode(t, err, account.CodeWeakPassword)

	// Two who take it at once: one account.
	results := make(chan error, 2)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			_, err := o.Take(ctx, again, "Noor", "other@example.org", goodPassword, "de-AT", from)
			results <- err
		})
	}
	wait.Wait()
	close(results)
	taken := 0
	for err := range results {
		if err == nil {
			taken++
		} else if code := assist.CodeOf(err); code != account.CodeUnknownInvitation && code != account.CodeEmailTaken {
			t.Error(err)
		}
	}
	p, _, err := o.PersonByEmail(ctx, "new@example.org")
	if err != nil || taken != 1 || p.Locale != "de-AT" || p.Role != account.Agent || p.SiteKeys[0] != "demo" {
		t.Errorf("%d taken, %+v, %v", taken, p, err)
	}
	for name, c := range map[string]struct {
		i    account.Invitation
		want assist.Code
	}{
		"taken":           {account.Invitation{Email: "mia@example.org", Role: account.Admin}, account.CodeEmailTaken},
		"no address":      {account.Invitation{Email: "mia", Role: account.Admin}, assist.CodeBadEmail},
		"no site":         {account.Invitation{Email: "a@example.org", Role: account.Agent}, account.CodeBadSetting},
		"unknown site":    {account.Invitation{Email: "a@example.org", Role: account.Agent, SiteKeys: []string{"demo", "nope"}}, assist.CodeUnknownSite},
		"unknown role":    {account.Invitation{Email: "a@example.org", Role: "owner"}, account.CodeBadSetting},
		"control in name": {account.Invitation{Email: "a@example.org", Role: account.Admin, Name: "\x00"}, account.CodeBadName},
	} {
		if _, _, err := o.Invite(ctx, o.admin, c.i, from); assist.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	i, token, _ = o.Invite(ctx, o.admin, account.Invitation{Email: "late@example.org", Role: account.Admin}, from)
	if err := o.Revoke(ctx, o.admin, i.ID, from); err != nil {
		t.Fatal(err)
	}
	_, err = o.Take(ctx, token, "Late", "", goodPassword, "en", from)
	wantCode(t, err, account.CodeUnknownInvitation)
	wantCode(t, o.Revoke(ctx, o.admin, i.ID, from), account.CodeUnknownInvitation)
}

func TestFirstAdminComesInOnce(t *testing.T) {
	s := newShop(t)
	a := must(account.New(t.Context(), s.DB))(t)
	old, needed, err := a.FirstAdmin(t.Context())
	if err != nil || !needed {
		t.Fatal(needed, err)
	}
	token, _, err := a.FirstAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Take(t.Context(), old, "Ada", "ada@example.org", goodPassword, "en", from)
	wantCode(t, err, account.CodeUnknownInvitation)
	in := must(a.Take(t.Context(), token, "Ada", "ada@example.org", goodPassword, "en", from))(t)
	if in.Person.Role != account.Admin || len(in.Person.SiteKeys) != 1 {
		t.Errorf("%+v", in.Person)
	}
	if _, needed, err := a.FirstAdmin(t.Context()); needed || err != nil {
		t.Error(needed, err)
	}
}

func TestANewPasswordEndsOtherSessions(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	here := must(o.SignIn(ctx, "mia@example.org", goodPassword, from))(t)
	there := must(o.SignIn(ctx, "mia@example.org", goodPassword, from))(t)
	_, session, err := o.Who(ctx, here.Token)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.ChangeOwn(ctx, o.agent, account.OwnChange{CurrentPassword: "not this", Password: "anchor violet thimble"}, from)
	wantCode(t, err, account.CodeWrongCredentials)
	if _, err := o.ChangeOwn(ctx, o.agent, account.OwnChange{CurrentPassword: goodPassword, Password: "anchor violet thimble", KeepSession: session.ID}, from); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.Who(ctx, here.Token); err != nil {
		t.Error(err)
	}
	_, _, err = o.Who(ctx, there.Token)
	wantCode(t, err, account.CodeSignedOut)
	if _, err := o.SignIn(ctx, "mia@example.org", "anchor violet thimble", from); err != nil {
		t.Error(err)
	}
}

func TestEveryChangeIsWrittenDown(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	name, capacity := "Mia Berg", 2
	if _, err := o.Change(ctx, o.admin, o.agent.ID, account.Change{Name: &name, Capacity: &capacity}, from); err != nil {
		t.Fatal(err)
	}
	log := must(o.AuditLog(ctx, o.admin, 0, 100))(t)
	e := log[0]
	if e.Action != "person.changed" || e.Actor != "Ada" || e.Subject != o.agent.Email || e.Address != from.Address || len(e.Details) != 2 {
		t.Errorf("%+v", e)
	}
	seen := map[string]bool{}
	for _, e := range log {
		seen[e.Action] = true
	}
	for _, action := range []string{"invitation.made", "person.joined"} {
		if !seen[action] {
			t.Errorf("%s is not in the log: %+v", action, log)
		}
	}
	if page := must(o.AuditLog(ctx, o.admin, log[1].ID, 1))(t); len(page) != 1 || page[0].ID != log[2].ID {
		t.Errorf("the page after the second entry: %+v", page)
	}
}
