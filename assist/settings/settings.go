// Package settings holds what admins set for a site: its name, when its people are
// there, where its mail comes from, and its teams.
package settings

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/hours"
)

// Codes of refusals.
const (
	CodeBadSetting  assist.Code = "bad_setting"
	CodeBadHours    assist.Code = "bad_hours"
	CodeBadTeam     assist.Code = "bad_team"
	CodeNameTaken   assist.Code = "name_taken"
	CodeUnknownTeam assist.Code = "unknown_team"
)

// Bounds of what may be set.
const (
	maxName     = 80
	maxSpans    = 100
	maxHolidays = 400
	maxMembers  = 500
)

// Topics are what a team may be for; triage reads them out of messages.
var Topics = []string{"delivery", "return", "refund", "damaged", "wrong_item", "missing", "payment", "warranty", "account", "product", "size", "order_change", "other"}

// Site is what an admin sets for a site.
type Site struct {
	Name string `json:"name"`
	hours.Table
	MailFrom string `json:"mail_from" doc:"Whom letters to shoppers come from, as Shop <care@shop.example>; empty: the server's own sender"`
}

// Team is a group of agents whom conversations can be given to.
type Team struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Topics    []string `json:"topics" doc:"What comes to this team by itself"`
	MemberIDs []string `json:"member_ids"`
}

// Actor is who changes something.
type Actor struct {
	ID, Name, Address string
}

// Store keeps settings. Whoever changes something is written down in the same
// transaction.
type Store interface {
	// Settings reads a site's. Errors: assist.CodeUnknownSite.
	Settings(ctx context.Context, siteID string) (Site, error)
	// SaveSettings replaces them.
	SaveSettings(ctx context.Context, siteID string, s Site, by Actor) error
	// Teams lists a site's by name.
	Teams(ctx context.Context, siteID string) ([]Team, error)
	// SaveTeam makes a team (without an id) or changes it; members who may not
	// answer for the site are left out. Errors: CodeUnknownTeam, CodeNameTaken.
	SaveTeam(ctx context.Context, siteID string, t Team, by Actor) (Team, error)
	// DeleteTeam lets go of a team; its conversations wait for everybody then.
	// Errors: CodeUnknownTeam.
	DeleteTeam(ctx context.Context, siteID, id string, by Actor) error
}

// Keeper checks what is set and has it stored.
type Keeper struct{ Store Store }

// SaveSettings checks and replaces a site's settings, and returns them as they
// are stored. Errors: CodeBadSetting, CodeBadHours; the cause says what is wrong.
func (k Keeper) SaveSettings(ctx context.Context, siteID string, s Site, by Actor) (Site, error) {
	var err error
	if s.Name, err = cleanName(s.Name, CodeBadSetting); err != nil {
		return Site{}, err
	}
	if s.MailFrom = strings.TrimSpace(s.MailFrom); s.MailFrom != "" {
		a, err := mail.ParseAddress(s.MailFrom)
		if err != nil {
			return Site{}, &assist.Error{Code: assist.CodeBadEmail, Err: err}
		}
		s.MailFrom = a.String()
	}
	if len(s.Hours) > maxSpans || len(s.Holidays) > maxHolidays {
		return Site{}, &assist.Error{Code: CodeBadHours, Err: fmt.Errorf("%d times and %d holidays", len(s.Hours), len(s.Holidays))}
	}
	if _, err := hours.New(s.Table); err != nil {
		return Site{}, &assist.Error{Code: CodeBadHours, Err: err}
	}
	if err := k.Store.SaveSettings(ctx, siteID, s, by); err != nil {
		return Site{}, err
	}
	return k.Store.Settings(ctx, siteID)
}

// SaveTeam checks and stores a team.
// Errors: CodeBadTeam, CodeUnknownTeam, CodeNameTaken.
func (k Keeper) SaveTeam(ctx context.Context, siteID string, t Team, by Actor) (Team, error) {
	var err error
	if t.Name, err = cleanName(t.Name, CodeBadTeam); err != nil {
		return Team{}, err
	}
	for _, topic := range t.Topics {
		if !slices.Contains(Topics, topic) {
			return Team{}, &assist.Error{Code: CodeBadTeam, Err: fmt.Errorf("topic %q", topic)}
		}
	}
	if len(t.MemberIDs) > maxMembers {
		return Team{}, &assist.Error{Code: CodeBadTeam, Err: fmt.Errorf("%d members", len(t.MemberIDs))}
	}
	t.Topics = slices.Compact(slices.Sorted(slices.Values(t.Topics)))
	return k.Store.SaveTeam(ctx, siteID, t, by)
}

func cleanName(s string, code assist.Code) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if n := utf8.RuneCountInString(s); n == 0 || n > maxName || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", &assist.Error{Code: code, Err: fmt.Errorf("a name of %d characters", n)}
	}
	return s, nil
}
