package inbox

import (
	"context"

	"github.com/careloop/careloop/assist"
)

// Arrive notes that an agent opened a console, and gives them what waits.
func (d *Desk) Arrive(ctx context.Context, socketID, agentID string) error {
	first, err := d.Store.Arrive(ctx, socketID, agentID)
	if err != nil || !first {
		return err
	}
	d.tellPresence(ctx, agentID, true)
	d.GiveOut(ctx)
	return nil
}

// Leave notes that an agent closed a console.
func (d *Desk) Leave(ctx context.Context, socketID, agentID string) error {
	last, err := d.Store.Leave(ctx, socketID, agentID)
	if err != nil || !last {
		return err
	}
	d.tellPresence(ctx, agentID, false)
	return nil
}

// SetPresence takes what an agent says of themselves. Whoever is back gets what
// waits.
func (d *Desk) SetPresence(ctx context.Context, agentID string, away bool) (online bool, err error) {
	online, err = d.Store.SetPresence(ctx, agentID, away)
	if err != nil {
		return false, err
	}
	d.tellPresence(ctx, agentID, online)
	if online {
		d.GiveOut(ctx)
	}
	return online, nil
}

// Look notes what an agent has on their screen, and tells the others who have it
// there, too. before is what it was; either may be empty.
func (d *Desk) Look(ctx context.Context, siteID, socketID string, agent Name, before, now string) error {
	if before == now {
		return nil
	}
	err := d.Store.Look(ctx, socketID, now)
	tell := func(conversationID string, gone bool) {
		if conversationID != "" {
			d.Bus.Publish(assist.Signal{SiteID: siteID, ConversationID: conversationID,
				Looking: &assist.Looking{AgentID: agent.ID, Name: agent.Name, Gone: gone}})
		}
	}
	tell(before, true)
	tell(now, false)
	return err
}

// Typing tells the shopper and the other agents that an agent writes.
func (d *Desk) Typing(c assist.Conversation, agent Name) {
	d.Bus.Publish(assist.Signal{SiteID: c.SiteID, ShopperID: c.ShopperID, ConversationID: c.ID,
		Typing: &assist.Typing{By: assist.ByAgent, AgentID: agent.ID, Name: agent.Name}})
}

func (d *Desk) tellPresence(ctx context.Context, agentID string, online bool) {
	sites, err := d.Store.SitesOf(ctx, agentID)
	if err != nil {
		// Consoles learn it when they are opened again.
		d.Log.Warn("inbox: presence not told", "agent", agentID, "error", err)
		return
	}
	for _, siteID := range sites {
		d.Bus.Publish(assist.Signal{SiteID: siteID, Presence: &assist.Presence{AgentID: agentID, Online: online}})
	}
}
