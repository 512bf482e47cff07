package postgres

import "github.com/careloop/careloop/assist/inbox"

// Inbox is the agents' side of the database.
type Inbox struct{ db *DB }

var _ inbox.Store = Inbox{}

// Inbox is the agents' side of the database.
func (db *DB) Inbox() Inbox { return Inbox{db} }
