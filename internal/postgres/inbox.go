package postgres

import (
	"context"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// Inbox is the agents' side of the database.
type Inbox struct{ db *DB }

var _ inbox.Store = Inbox{}

// Inbox is the agents' side of the database.
func (db *DB) Inbox() Inbox { return Inbox{db} }

// An agent answers for the sites that they are given, an admin for every one;
// who is disabled answers for none.
const sqlSiteOfAgent = `
select ` + siteColumns + ` from sites s
join agents a on a.id = $1 and a.disabled_at is null
where s.key = $2
and (a.role = 'admin' or exists (select from agent_sites g where g.agent_id = a.id and g.site_id = s.id))`

// Site finds a site that the agent answers for.
func (in Inbox) Site(ctx context.Context, agentID, key string) (assist.Site, error) {
	if !isID(agentID) {
		return assist.Site{}, refuse(assist.CodeUnknownSite)
	}
	s, err := scanSite(in.db.pool.QueryRow(ctx, sqlSiteOfAgent, agentID, key))
	return s, orRefuse(err, assist.CodeUnknownSite)
}
