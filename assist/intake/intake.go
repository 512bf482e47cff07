// Package intake brings articles in from files and from the web, in the browser:
// first a preview of what would change, then what an admin chose of it.
//
// A run is worked on by a job under a lease in its row: a process that dies loses
// the lease, and another goes on. What is read is stored item by item; what is
// applied is stored in batches, each a transaction with the outcome of its items,
// so that an article is changed whole or not at all, and once.
package intake

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/retrieval"
	"github.com/careloop/careloop/retrieval/source"
)

// Codes of refusals.
const (
	CodeUnknownImport assist.Code = "unknown_import"
	CodeUnknownSource assist.Code = "unknown_source"
	CodeSourceExists  assist.Code = "source_exists"
	CodeBadAddress    assist.Code = "bad_address"
	CodeBadSchedule   assist.Code = "bad_schedule"
	CodeBadColumns    assist.Code = "bad_columns"
	CodeTooLarge      assist.Code = "import_too_large"
	CodeEmpty         assist.Code = "import_empty"
	CodeUnknownKind   assist.Code = "import_unknown_kind"
	CodeBusy          assist.Code = "import_busy"
	CodeNotReady      assist.Code = "import_not_ready"
	CodeNothingChosen assist.Code = "nothing_chosen"
)

// Limits of what is taken in.
const (
	MaxBytes = 64 << 20 // of an upload
	MaxFiles = 500      // of an upload
	maxItems = 50_000   // of a run
	maxPages = 5_000    // of a source on the web
	maxName  = 200      // characters
	maxEvery = 24 * 90  // hours between two readings
)

// Queue is the job queue that runs are worked on in, apart from everything else.
const Queue = "imports"

// WorkOnRun is the job that works on a run: reads it, applies it or undoes it, as
// its state says.
type WorkOnRun struct {
	RunID string `json:"run_id"`
}

// Kind names the job in the queue.
func (WorkOnRun) Kind() string { return "work_on_import" }

// Options are what an Intake is made of.
type Options struct {
	Store Store
	// Client fetches pages; it must refuse private addresses.
	Client *http.Client
	// Scratch is where files lie while they are read; empty: the system's folder.
	Scratch string
	// Owner names this process in leases.
	Owner string
	Log   *slog.Logger
	// Beat is how often progress is written and the lease renewed; 0 means 500 ms.
	// Lease is how long one lasts; 0 means 10 s.
	Beat, Lease time.Duration
	// Batch is how many articles are applied in a transaction; 0 means 200.
	Batch int
}

// Intake takes in what admins import.
type Intake struct {
	Options
	stop context.CancelFunc
	done context.Context
	mu   sync.Mutex // nothing is entered once it is stopped
	work sync.WaitGroup
}

// New makes an Intake. Stop ends what it works on.
func New(o Options) *Intake {
	if o.Beat == 0 {
		o.Beat = 500 * time.Millisecond
	}
	if o.Lease == 0 {
		o.Lease = 10 * time.Second
	}
	if o.Batch == 0 {
		o.Batch = 200
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	in := &Intake{Options: o}
	in.done, in.stop = context.WithCancel(context.Background())
	return in
}

// Stop interrupts what is worked on; it goes on elsewhere, or at the next start.
// It waits until everything has been put down.
func (in *Intake) Stop() {
	in.mu.Lock()
	in.stop()
	in.mu.Unlock()
	in.work.Wait()
}

// enter counts one who works, and reports false where it is stopped.
func (in *Intake) enter() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.done.Err() != nil {
		return false
	}
	in.work.Add(1)
	return true
}

// codeIs tells whether an error is a refusal of that name.
func codeIs(err error, code assist.Code) bool { return err != nil && assist.CodeOf(err) == code }

func refuse(code assist.Code, err error) error { return &assist.Error{Code: code, Err: err} }

// open gives what a run reads.
func (in *Intake) open(ctx context.Context, r Job, files []source.File) (retrieval.Source, error) {
	if r.Kind != KindFiles {
		return source.Open(ctx, r.Address, source.Options{Client: in.Client, Kind: source.Kind(r.Kind), MaxPages: maxPages})
	}
	var layout *source.Layout
	if r.Table != nil && len(r.Table.Columns) > 0 {
		layout = &source.Layout{Columns: r.Table.Columns, Heading: r.Table.Heading}
	}
	return source.Files(r.Name, files, layout, in.Scratch), nil
}

// Due begins to read the sources whose time has come, and picks up runs that were
// left.
func (in *Intake) Due(ctx context.Context) error { return in.Store.Due(ctx) }
