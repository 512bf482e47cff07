package postgres

import (
	"testing"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/hours"
	"github.com/careloop/careloop/assist/settings"
)

func TestSettings(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	keeper := settings.Keeper{Store: o.DB}
	by := settings.Actor{ID: o.admin.ID, Name: "Ada"}
	want := settings.Site{Name: "Dunnock", MailFrom: "Dunnock <care@shop.example>", Table: hours.Table{TimeZone: "Europe/Berlin",
		Hours:    []hours.Span{{Day: 1, From: "09:00", To: "17:00"}},
		Holidays: []hours.Holiday{{Date: "2026-12-25", Name: "Christmas"}}}}
	got, err := keeper.SaveSettings(ctx, o.site.ID, want, by)
	if err != nil || got.TimeZone != "Europe/Berlin" || len(got.Hours) != 1 || got.Holidays[0].Name != "Christmas" || got.Name != "Dunnock" {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		change func(*settings.Site)
		code   assist.Code
	}{
		"no name":       {func(s *settings.Site) { s.Name = " " }, settings.CodeBadSetting},
		"no zone":       {func(s *settings.Site) { s.TimeZone = "Mars/Base" }, settings.CodeBadHours},
		"no day":        {func(s *settings.Site) { s.Hours = []hours.Span{{Day: 9, From: "09:00", To: "10:00"}} }, settings.CodeBadHours},
		"no time":       {func(s *settings.Site) { s.Hours = []hours.Span{{Day: 1, From: "25:00", To: "26:00"}} }, settings.CodeBadHours},
		"no address":    {func(s *settings.Site) { s.MailFrom = "care" }, assist.CodeBadEmail},
		"too many days": {func(s *settings.Site) { s.Holidays = make([]hours.Holiday, 401) }, settings.CodeBadHours},
	} {
		bad := want
		c.change(&bad)
		if _, err := keeper.SaveSettings(ctx, o.site.ID, bad, by); assist.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := must(o.Settings(ctx, o.site.ID))(t); got.Name != "Dunnock" {
		t.Errorf("a refused change left %+v", got)
	}
	if log := must(o.AuditLog(ctx, o.admin, 0, 1))(t); log[0].Action != "settings.changed" || log[0].SiteKey != "demo" {
		t.Errorf("%+v", log)
	}
}

func TestTeams(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	keeper := settings.Keeper{Store: o.DB}
	by := settings.Actor{ID: o.admin.ID, Name: "Ada"}
	other := must(o.EnsureSite(ctx, assist.Site{Key: "other"}))(t)
	made, err := keeper.SaveTeam(ctx, o.site.ID, settings.Team{Name: " Returns  team ", Topics: []string{"return", "refund", "return"}, MemberIDs: []string{o.agent.ID}}, by)
	if err != nil || made.Name != "Returns team" || len(made.Topics) != 2 || len(made.MemberIDs) != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	_, err = keeper.SaveTeam(ctx, o.site.ID, settings.Team{Name: "Returns team"}, by)
	wantCode(t, err, settings.CodeNameTaken)
	_, err = keeper.SaveTeam(ctx, o.site.ID, settings.Team{Name: "x", Topics: []string{"nonsense"}}, by)
	wantCode(t, err, settings.CodeBadTeam)
	_, err = keeper.SaveTeam(ctx, o.site.ID, settings.Team{Name: "x", MemberIDs: []string{"no id"}}, by)
	wantCode(t, err, settings.CodeBadTeam)
	// Another site's team is nobody's, and who does not answer there is no member.
	_, err = keeper.SaveTeam(ctx, other.ID, settings.Team{ID: made.ID, Name: "mine now"}, by)
	wantCode(t, err, settings.CodeUnknownTeam)
	wantCode(t, o.DeleteTeam(ctx, other.ID, made.ID, by), settings.CodeUnknownTeam)
	if team := must(keeper.SaveTeam(ctx, other.ID, settings.Team{Name: "There", MemberIDs: []string{o.agent.ID, o.admin.ID}}, by))(t); len(team.MemberIDs) != 1 || team.MemberIDs[0] != o.admin.ID {
		t.Errorf("%+v", team)
	}
	if list := must(o.Teams(ctx, o.site.ID))(t); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	if err := o.DeleteTeam(ctx, o.site.ID, made.ID, by); err != nil {
		t.Fatal(err)
	}
	wantCode(t, o.DeleteTeam(ctx, o.site.ID, made.ID, by), settings.CodeUnknownTeam)
}
