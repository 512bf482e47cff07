package inbox

import (
	"context"
	"strings"

	"github.com/careloop/careloop/assist"
)

// SaveFilter keeps a filter under a name.
// Errors: assist.CodeEmptyText for a name of nothing; see Store.SaveFilter.
func (d *Desk) SaveFilter(ctx context.Context, siteID, agentID string, f SavedFilter) (SavedFilter, error) {
	var err error
	if f.Name, err = oneLine(f.Name); err != nil {
		return SavedFilter{}, err
	}
	return d.Store.SaveFilter(ctx, siteID, agentID, f)
}

// AddMacro keeps a text at hand.
// Errors: assist.CodeEmptyText, assist.CodeTooLong; see Store.AddMacro.
func (d *Desk) AddMacro(ctx context.Context, siteID, agentID string, m Macro) (Macro, error) {
	m, err := checkMacro(m)
	if err != nil {
		return Macro{}, err
	}
	return d.Store.AddMacro(ctx, siteID, agentID, m)
}

// ChangeMacro changes a text.
// Errors: assist.CodeEmptyText, assist.CodeTooLong; see Store.ChangeMacro.
func (d *Desk) ChangeMacro(ctx context.Context, siteID string, m Macro) (Macro, error) {
	m, err := checkMacro(m)
	if err != nil {
		return Macro{}, err
	}
	return d.Store.ChangeMacro(ctx, siteID, m)
}

func checkMacro(m Macro) (Macro, error) {
	var err error
	if m.Name, err = oneLine(m.Name); err != nil {
		return Macro{}, err
	}
	if m.Text, err = plainText(m.Text, MaxReply); err == nil && m.Text == "" {
		err = &assist.Error{Code: assist.CodeEmptyText}
	}
	return m, err
}

// oneLine is a name without what would make it more than one line.
func oneLine(s string) (string, error) {
	s, err := plainText(strings.Join(strings.Fields(s), " "), maxName)
	if err == nil && s == "" {
		err = &assist.Error{Code: assist.CodeEmptyText}
	}
	return s, err
}

const maxName = 80 // runes
