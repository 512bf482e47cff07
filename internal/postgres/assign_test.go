package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/inbox"
)

// Twenty escalate at once, and there is room for five: five are given, none
// twice, nobody beyond their capacity, and the others have places 1 to 15.
func TestEscalationsAtOnceFillEveryPlaceOnce(t *testing.T) {
	s := newTeam(t)
	s.online(t, "Ada", 2)
	s.online(t, "Bo", 3)
	s.online(t, "Nobody", 0)
	var all []assist.Conversation
	for range 20 {
		all = append(all, s.conversation(t))
	}
	given := make(chan string, 20)
	together(20, func(i int) {
		p, err := s.tryEscalate(t.Context(), all[i], wait{})
		switch {
		case err != nil:
			t.Error(err)
		case p.online != 3:
			t.Errorf("%d are online", p.online)
		case p.event != nil && p.queue == 0:
			given <- p.event.Assignment.AgentName
		case p.event != nil || p.queue < 1 || p.queue > 15:
			t.Errorf("placed %+v", p)
		}
	})
	close(given)
	n := map[string]int{}
	for name := range given {
		n[name]++
	}
	if n["Ada"] != 2 || n["Bo"] != 3 || len(n) != 2 {
		t.Errorf("given to %v", n)
	}
	if rest := count(t, s.DB, `select count(*) from conversations where waiting_since is not null and assignee_id is null and charge = 'bot'`); rest != 15 {
		t.Errorf("%d wait", rest)
	}
}

func TestLeastBusyFirst(t *testing.T) {
	s := newTeam(t)
	a, b := s.online(t, "Ada", 4), s.online(t, "Bo", 4)
	var order []string
	for range 8 {
		order = append(order, s.escalate(t, s.conversation(t), wait{}).event.Assignment.AgentName)
	}
	for i := 0; i < 8; i += 2 {
		if order[i] == order[i+1] {
			t.Errorf("given to %v", order)
		}
	}
	c := s.conversation(t)
	if p := s.escalate(t, c, wait{}); p.event != nil || p.queue != 1 || p.online != 2 {
		t.Errorf("placed %+v", p)
	}
	// Who is asked again keeps their place, and the more urgent one goes first.
	later := s.conversation(t)
	if p := s.escalate(t, later, wait{urgency: 2, feeling: "angry"}); p.queue != 1 {
		t.Errorf("an urgent one has place %d", p.queue)
	}
	if p := s.escalate(t, c, wait{}); p.queue != 2 {
		t.Errorf("the first has place %d", p.queue)
	}
	// What was answered and left alone yesterday takes no place.
	s.exec(t, `update conversations set waiting_since = null, updated_at = now() - interval '13 hours' where id = (select id from conversations where assignee_id = $1 limit 1)`, a.ID)
	done, ok, err := s.in.AssignNext(t.Context())
	if err != nil || !ok || done.Conversation.ID != later.ID || done.Conversation.AssigneeID != a.ID {
		t.Errorf("given %+v, %v, %v", done, ok, err)
	}
	// Resolving makes room.
	var mine assist.Conversation
	for _, r := range must(s.in.List(t.Context(), inbox.Query{SiteID: s.site.ID, AgentID: b.ID, Filter: inbox.Filter{View: inbox.Mine}, Limit: 1}))(t) {
		mine.ID = r.ID
	}
	must(s.in.Resolve(t.Context(), s.act(mine, b, "")))(t)
	if done, ok, err := s.in.AssignNext(t.Context()); err != nil || !ok || done.Conversation.ID != c.ID || len(done.Events) != 1 ||
		done.Events[0].Author.Kind != assist.BySystem || done.Events[0].Assignment.AgentName != "Bo" {
		t.Errorf("given %+v, %v, %v", done, ok, err)
	}
	if _, ok, err := s.in.AssignNext(t.Context()); ok || err != nil {
		t.Error("something is given out of an empty queue", err)
	}
}

func TestTeamsTakeTheirTopics(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	returns := s.online(t, "Rita", 1)
	other := s.online(t, "Otto", 5)
	team := must(newID())(t)
	s.exec(t, `insert into teams (id, site_id, name, topics) values ($1, $2, 'Returns', '{return,exchange}')`, team, s.site.ID)
	s.exec(t, `insert into team_members (team_id, agent_id) values ($1, $2)`, team, returns.ID)
	first := s.conversation(t)
	if p := s.escalate(t, first, wait{topic: "return"}); p.event == nil || p.event.Assignment.AgentID != returns.ID {
		t.Errorf("placed %+v", p)
	}
	second := s.conversation(t)
	if p := s.escalate(t, second, wait{topic: "exchange"}); p.event != nil || s.now(t, second).TeamID != team {
		t.Errorf("while the team is there and busy, placed %+v", p)
	}
	if p := s.escalate(t, s.conversation(t), wait{topic: "delivery"}); p.event == nil || p.event.Assignment.AgentID != other.ID {
		t.Errorf("another topic was placed %+v", p)
	}
	// Nobody of the team is there: then anybody.
	must(s.in.SetPresence(ctx, returns.ID, true))(t)
	if done, ok, err := s.in.AssignNext(ctx); err != nil || !ok || done.Conversation.ID != second.ID || done.Conversation.AssigneeID != other.ID {
		t.Errorf("given %+v, %v, %v", done, ok, err)
	}
}

func TestWhoPutsItBackDoesNotGetItAgain(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	a := s.online(t, "Ada", 5)
	c := s.conversation(t)
	if s.escalate(t, c, wait{}).event == nil {
		t.Fatal("not given")
	}
	must(s.in.Transfer(ctx, s.act(c, a, ""), inbox.Transfer{}))(t)
	if done, ok, err := s.in.AssignNext(ctx); ok || err != nil {
		t.Errorf("given %+v, %v", done, err)
	}
	b := s.online(t, "Bo", 5)
	if done, ok, err := s.in.AssignNext(ctx); !ok || err != nil || done.Conversation.AssigneeID != b.ID {
		t.Errorf("given %+v, %v", done, err)
	}
}

func TestPresence(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	a := s.agent(t, "Ada", 5)
	is := func(want bool) {
		t.Helper()
		n := must(s.AgentsOnline(ctx, s.site.ID))(t)
		list := must(s.in.Online(ctx, s.site.ID))(t)
		if (n == 1) != want || slices.Contains(list, a.ID) != want {
			t.Errorf("%d are online: %v", n, list)
		}
	}
	told := func(v bool, err error) func(bool) {
		return func(want bool) {
			t.Helper()
			if err != nil || v != want {
				t.Errorf("told %v, %v", v, err)
			}
		}
	}
	is(false)
	told(s.in.Arrive(ctx, "one", a.ID))(true)
	told(s.in.Arrive(ctx, "two", a.ID))(false)
	is(true)
	told(s.in.Leave(ctx, "one", a.ID))(false)
	is(true)
	told(s.in.SetPresence(ctx, a.ID, true))(false)
	is(false)
	told(s.in.Arrive(ctx, "three", a.ID))(false)
	is(false)
	told(s.in.SetPresence(ctx, a.ID, false))(true)
	is(true)
	told(s.in.Leave(ctx, "two", a.ID))(false)
	told(s.in.Leave(ctx, "three", a.ID))(true)
	told(s.in.Leave(ctx, "three", a.ID))(true) // told twice rather than never
	is(false)

	// A process that died renews nothing.
	told(s.in.Arrive(ctx, "four", a.ID))(true)
	s.exec(t, `update presences set seen_at = now() - interval '46 seconds'`)
	is(false)
	if gone := must(s.in.Sweep(ctx))(t); !slices.Equal(gone, []string{a.ID}) {
		t.Errorf("gone are %v", gone)
	}
	if gone := must(s.in.Sweep(ctx))(t); len(gone) != 0 || count(t, s.DB, `select count(*) from presences`) != 0 {
		t.Errorf("gone are %v", gone)
	}
	// A database that crashed has forgotten; who is open still is put back.
	c := s.conversation(t)
	if err := s.in.Renew(ctx, []inbox.Console{{SocketID: "five", AgentID: a.ID, ConversationID: c.ID}, {SocketID: "six", AgentID: a.ID}}); err != nil {
		t.Fatal(err)
	}
	is(true)
	if looking := must(s.in.Looking(ctx, s.site.ID, c.ID))(t); !slices.Equal(looking, []inbox.LookingPerson{{AgentID: a.ID, Name: "Ada"}}) {
		t.Errorf("looking are %v", looking)
	}
	if err := s.in.Look(ctx, "five", ""); err != nil {
		t.Error(err)
	}
	if looking := must(s.in.Looking(ctx, s.site.ID, c.ID))(t); len(looking) != 0 {
		t.Errorf("looking are %v", looking)
	}
}

func TestNobodyWaitsForWhoIsGone(t *testing.T) {
	s, ctx := newTeam(t), t.Context()
	a := s.online(t, "Ada", 5)
	waiting, answered := s.conversation(t), s.conversation(t)
	long := storable(time.Now().Add(-time.Hour))
	s.escalate(t, waiting, wait{since: long})
	s.escalate(t, answered, wait{since: long})
	must(s.in.Reply(ctx, s.act(answered, a, "m"), inbox.Reply{Text: "Hello"}))(t)
	release := func() (inbox.Done, bool) {
		t.Helper()
		done, ok, err := s.in.ReleaseNext(ctx, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return done, ok
	}
	if done, ok := release(); ok {
		t.Errorf("while the agent is there, released %+v", done)
	}
	must(s.in.Leave(ctx, "socket of "+a.ID, a.ID))(t)
	if done, ok := release(); ok {
		t.Errorf("at once, released %+v", done)
	}
	s.exec(t, `update agents set left_at = now() - interval '2 minutes' where id = $1`, a.ID)
	done, ok := release()
	if !ok || done.Conversation.ID != waiting.ID || done.Conversation.Charge != assist.BotInCharge || len(done.Events) != 1 ||
		*done.Events[0].Assignment != (assist.Assignment{}) || done.Events[0].Author.Kind != assist.BySystem {
		t.Errorf("released %+v", done)
	}
	if got := s.now(t, waiting); got.AssigneeID != "" || !got.WaitingSince.Equal(long) {
		t.Errorf("it became %+v", got)
	}
	if done, ok := release(); ok {
		t.Errorf("what was answered was released: %+v", done)
	}
	// Who comes back, or somebody else, takes it up.
	must(s.in.Arrive(ctx, "again", a.ID))(t)
	if done, ok, err := s.in.AssignNext(ctx); err != nil || !ok || done.Conversation.AssigneeID != a.ID {
		t.Errorf("given %+v, %v", done, err)
	}
}

// waiter and worker are the queue as the property test understands it.
type waiter struct {
	c       assist.Conversation
	urgency int
	since   time.Time
	team    int // 0: none
}

type worker struct {
	inbox.Name
	capacity, held int
	last           int // when one was given to them last, counted in gifts
	team           int
}

// The queue is given out in the order of urgency, then of waiting, to the least
// busy who may take it: held against a model that sorts lists.
func TestQueueOrder(t *testing.T) {
	s := newTeam(t)
	teams := []string{"", must(newID())(t), must(newID())(t)}
	for i, id := range teams[1:] {
		s.exec(t, `insert into teams (id, site_id, name) values ($1, $2, $3)`, id, s.site.ID, fmt.Sprint("team ", i))
	}
	start := storable(time.Now().Add(-time.Hour))
	rapid.Check(t, func(rt *rapid.T) {
		s.exec(t, `delete from conversations`)
		s.exec(t, `delete from agents`)
		var workers []*worker
		for i := range rapid.IntRange(0, 4).Draw(rt, "agents") {
			w := &worker{capacity: rapid.IntRange(0, 3).Draw(rt, "capacity"), team: rapid.IntRange(0, 2).Draw(rt, "team of agent")}
			w.Name = s.online(t, fmt.Sprint("Agent ", i), w.capacity)
			if w.team > 0 {
				s.exec(t, `insert into team_members (team_id, agent_id) values ($1, $2)`, teams[w.team], w.ID)
			}
			workers = append(workers, w)
		}
		var queue []waiter
		for range rapid.IntRange(0, 8).Draw(rt, "waiting") {
			w := waiter{urgency: rapid.IntRange(0, 2).Draw(rt, "urgency"), team: rapid.IntRange(0, 2).Draw(rt, "team"),
				since: start.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "since")) * time.Minute)}
			id := must(newID())(t)
			s.exec(t, `insert into conversations (id, site_id, shopper_id, locale, urgency, waiting_since, team_id)
				values ($1, $2, $3, 'en', $4, $5, nullif($6, '')::uuid)`, id, s.site.ID, s.shopper.ID, w.urgency, w.since, teams[w.team])
			w.c.ID = id
			queue = append(queue, w)
		}
		slices.SortFunc(queue, func(a, b waiter) int {
			return cmp.Or(b.urgency-a.urgency, a.since.Compare(b.since), cmp.Compare(a.c.ID, b.c.ID))
		})
		listed, err := s.in.List(context.Background(), inbox.Query{SiteID: s.site.ID, AgentID: s.shopper.ID, Filter: inbox.Filter{View: inbox.Waiting}, Limit: 100})
		if err != nil || len(listed) != len(queue) {
			rt.Fatal(len(listed), err)
		}
		for i, w := range queue {
			if listed[i].ID != w.c.ID {
				rt.Fatalf("place %d of the list is %+v, want %+v", i, listed[i], w)
			}
			var place int
			if err := s.pool.QueryRow(context.Background(), sqlQueuePlace, w.c.ID).Scan(&place); err != nil || place != i+1 {
				rt.Fatalf("place %d, want %d, %v", place, i+1, err)
			}
		}
		for gifts := 1; ; gifts++ {
			done, ok, err := s.in.AssignNext(context.Background())
			if err != nil {
				rt.Fatal(err)
			}
			at, to := next(queue, workers)
			if (at >= 0) != ok {
				rt.Fatalf("given %v %+v, the model says %d", ok, done, at)
			}
			if !ok {
				return
			}
			if done.Conversation.ID != queue[at].c.ID || done.Conversation.AssigneeID != to.ID {
				rt.Fatalf("given %+v, the model says %+v to %+v", done.Conversation, queue[at], to)
			}
			to.held++
			to.last = gifts
			queue = slices.Delete(queue, at, at+1)
		}
	})
}

// next is who is given out next, and to whom; -1: nobody.
func next(queue []waiter, workers []*worker) (int, *worker) {
	for i, w := range queue {
		ofTeam := slices.ContainsFunc(workers, func(k *worker) bool { return k.team == w.team })
		var may []*worker
		for _, k := range workers {
			if k.held < k.capacity && (w.team == 0 || !ofTeam || k.team == w.team) {
				may = append(may, k)
			}
		}
		if len(may) > 0 {
			return i, slices.MinFunc(may, func(a, b *worker) int {
				return cmp.Or(cmp.Compare(float64(a.held)/float64(a.capacity), float64(b.held)/float64(b.capacity)), a.last-b.last, cmp.Compare(a.ID, b.ID))
			})
		}
	}
	return -1, nil
}
