package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/careloop/careloop/assist"
	"github.com/careloop/careloop/assist/intake"
)

const (
	// importsPath takes uploads, which bound themselves.
	importsPath = "/v1/console/sites/:site/imports"
	// uploadTime is how long an upload may take.
	uploadTime = 15 * time.Minute
	// uploadFrame is what may stand around the files of an upload, in bytes.
	uploadFrame = 1 << 20
)

// consoleImports puts imports in the browser on the group of those who are signed in.
func (s *Server) consoleImports(in huma.API) {
	if s.Intake == nil {
		return
	}
	op := func(id, method, path, summary string, errors ...int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/v1/console/sites/{site}" + path, Summary: summary, Tags: []string{"imports"},
			Errors: append([]int{http.StatusNotFound, http.StatusUnprocessableEntity}, errors...)}
	}
	upload := op("upload-import", http.MethodPost, "/imports", "Hand in files, to see what would change", http.StatusConflict, http.StatusRequestEntityTooLarge)
	huma.Register(in, op("list-imports", http.MethodGet, "/imports", "Imports, the newest first"), s.listImports)
	huma.Register(in, upload, s.uploadImport)
	// Only told afterwards: huma would read a body that it knows of, all of it.
	in.OpenAPI().Paths["/v1/console/sites/{site}/imports"].Post.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: "object", Properties: map[string]*huma.Schema{"file": {Type: "array", Items: &huma.Schema{Type: "string", Format: "binary"}}},
	}}}}
	huma.Register(in, op("get-import", http.MethodGet, "/imports/{id}", "An import"), s.getImport)
	huma.Register(in, op("set-import-columns", http.MethodPost, "/imports/{id}/columns", "Say which column is what", http.StatusConflict), s.setImportColumns)
	huma.Register(in, op("list-import-items", http.MethodGet, "/imports/{id}/items", "What it would change"), s.listImportItems)
	huma.Register(in, op("get-import-item", http.MethodGet, "/imports/{id}/items/{n}", "One of these, before and after"), s.getImportItem)
	huma.Register(in, op("choose-import-items", http.MethodPost, "/imports/{id}/choose", "Choose what is applied", http.StatusConflict), s.chooseImportItems)
	for id, act := range map[string]struct {
		summary string
		do      func(ctx context.Context, siteID, id string) (intake.Run, error)
	}{
		"apply":  {"Apply what is chosen", s.Intake.Apply},
		"cancel": {"Let go of a preview, or stop", s.Intake.Cancel},
		"undo":   {"Take back what was applied", s.Intake.Undo},
	} {
		huma.Register(in, op(id+"-import", http.MethodPost, "/imports/{id}/"+id, act.summary, http.StatusConflict), s.importAct(act.do))
	}
	huma.Register(in, op("list-import-sources", http.MethodGet, "/import-sources", "Addresses that are read again"), s.listImportSources)
	huma.Register(in, op("add-import-source", http.MethodPost, "/import-sources", "Add an address, and read it", http.StatusConflict), s.addImportSource)
	huma.Register(in, op("change-import-source", http.MethodPatch, "/import-sources/{id}", "Change how it is read"), s.changeImportSource)
	huma.Register(in, op("read-import-source", http.MethodPost, "/import-sources/{id}/read", "Read it now", http.StatusConflict), s.readImportSource)
	huma.Register(in, op("remove-import-source", http.MethodDelete, "/import-sources/{id}", "Forget it", http.StatusConflict), s.removeImportSource)
}

// ImportPage is the part of a list that is asked for.
type ImportPage struct {
	Limit  int `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Offset int `query:"offset" minimum:"0" maximum:"1000000"`
}

type listImportsInput struct {
	SiteParam
	ImportPage
	Source string `query:"source" maxLength:"36"`
}

type importsOutput struct {
	Body struct {
		Items   []intake.Run `json:"items"`
		Total   int          `json:"total"`
		Waiting int          `json:"waiting" doc:"That wait for a decision"`
	}
}

func (s *Server) listImports(ctx context.Context, in *listImportsInput) (*importsOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &importsOutput{}
	list, total, waiting, err := s.Intake.Store.Runs(ctx, site.ID, in.Source, in.Limit, in.Offset)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out.Body.Items, out.Body.Total, out.Body.Waiting = nonNil(list), total, waiting
	return out, nil
}

type importOutput struct {
	Body intake.Run
}

// uploadInput keeps the request, whose body is read as it comes.
type uploadInput struct {
	SiteParam
	Name    string `query:"name" maxLength:"200" doc:"What it is called; by default like its file"`
	request *http.Request
	answer  http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (u *uploadInput) Resolve(c huma.Context) []error {
	e := humaecho.Unwrap(c)
	u.request, u.answer = e.Request(), e.Response()
	return nil
}

func (s *Server) uploadImport(ctx context.Context, in *uploadInput) (*importOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	// A slow line may take longer than the server grants other requests. Where the
	// deadline cannot be moved, the usual one holds.
	control := http.NewResponseController(in.answer)
	_ = control.SetReadDeadline(time.Now().Add(uploadTime))
	_ = control.SetWriteDeadline(time.Now().Add(uploadTime + time.Minute))
	in.request.Body = http.MaxBytesReader(in.answer, in.request.Body, intake.MaxBytes+uploadFrame)
	parts, err := in.request.MultipartReader()
	if err != nil {
		return nil, s.consoleError(ctx, &assist.Error{Code: codeBadRequest, Err: err})
	}
	run, err := s.Intake.Take(ctx, site.ID, in.Name, func() (string, io.Reader, error) { return nextFile(parts) }, importActor(ctx))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = &assist.Error{Code: intake.CodeTooLarge, Err: err}
	}
	return s.importAnswer(ctx, run, err)
}

// nextFile is the next file of a form; fields without one are passed over.
func nextFile(parts *multipart.Reader) (string, io.Reader, error) {
	for {
		part, err := parts.NextPart()
		if err != nil {
			var large *http.MaxBytesError
			if !errors.Is(err, io.EOF) && !errors.As(err, &large) {
				err = &assist.Error{Code: codeBadRequest, Err: err}
			}
			return "", nil, err
		}
		if name := part.FileName(); name != "" {
			return name, part, nil
		}
	}
}

func importActor(ctx context.Context) intake.Actor {
	p := personOf(ctx)
	return intake.Actor{ID: p.ID, Name: p.Name}
}

func (s *Server) importAnswer(ctx context.Context, run intake.Run, err error) (*importOutput, error) {
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return &importOutput{run}, nil
}

// ImportParam names an import, or a source.
type ImportParam struct {
	SiteParam
	ID string `path:"id" maxLength:"36"`
}

func (s *Server) getImport(ctx context.Context, in *ImportParam) (*importOutput, error) {
	return s.importAct(s.Intake.Store.Run)(ctx, in)
}

// importAct is a handler of what needs nothing but the import.
func (s *Server) importAct(do func(ctx context.Context, siteID, id string) (intake.Run, error)) func(context.Context, *ImportParam) (*importOutput, error) {
	return func(ctx context.Context, in *ImportParam) (*importOutput, error) {
		site, err := s.siteToSet(ctx, in.Site)
		if err != nil {
			return nil, s.consoleError(ctx, err)
		}
		run, err := do(ctx, site.ID, in.ID)
		return s.importAnswer(ctx, run, err)
	}
}

type importColumnsInput struct {
	ImportParam
	Body struct {
		Columns map[string]int `json:"columns" maxProperties:"10" doc:"The number of a column, from 0, by what it is: question, answer, url, tags, locale, id, slug"`
		Heading bool           `json:"heading" doc:"The first row names the columns"`
	}
}

func (s *Server) setImportColumns(ctx context.Context, in *importColumnsInput) (*importOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	run, err := s.Intake.SetColumns(ctx, site.ID, in.ID, in.Body.Columns, in.Body.Heading)
	return s.importAnswer(ctx, run, err)
}

type importItemsInput struct {
	ImportParam
	ImportPage
	State   string `query:"state" enum:"new,changed,edited,gone,unchanged,refused,warned"`
	Outcome string `query:"outcome" enum:"applied,failed,undone,kept"`
	Q       string `query:"q" maxLength:"200"`
}

type importItemsOutput struct {
	Body struct {
		Items []intake.Item `json:"items"`
		Total int           `json:"total"`
	}
}

func (s *Server) listImportItems(ctx context.Context, in *importItemsInput) (*importItemsOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	list, total, err := s.Intake.Store.Items(ctx, site.ID, in.ID, intake.Filter{State: in.State, Outcome: in.Outcome, Q: in.Q, Limit: in.Limit, Offset: in.Offset})
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &importItemsOutput{}
	out.Body.Items, out.Body.Total = nonNil(list), total
	return out, nil
}

type importItemInput struct {
	ImportParam
	N int `path:"n" minimum:"0"`
}

type importItemOutput struct {
	Body struct {
		Item   intake.Item  `json:"item"`
		Before *intake.Text `json:"before" doc:"What is published now"`
		After  *intake.Text `json:"after"`
	}
}

func (s *Server) getImportItem(ctx context.Context, in *importItemInput) (*importItemOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	out := &importItemOutput{}
	out.Body.Item, out.Body.Before, out.Body.After, err = s.Intake.Store.Item(ctx, site.ID, in.ID, in.N)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	return out, nil
}

type chooseImportItemsInput struct {
	ImportParam
	Body struct {
		Chosen bool   `json:"chosen"`
		Items  []int  `json:"items,omitempty" maxItems:"1000" doc:"These; empty: all that fit"`
		State  string `json:"state,omitempty" enum:",new,changed,edited,gone,warned"`
		Q      string `json:"q,omitempty" maxLength:"200"`
	}
}

func (s *Server) chooseImportItems(ctx context.Context, in *chooseImportItemsInput) (*importOutput, error) {
	site, err := s.siteToSet(ctx, in.Site)
	if err != nil {
		return nil, s.consoleError(ctx, err)
	}
	b := in.Body
	if err := s.Intake.Store.Choose(ctx, site.ID, in.ID, intake.Filter{State: b.State, Q: b.Q, Items: b.Items}, b.Chosen); err != nil {
		return nil, s.consoleError(ctx, err)
	}
	run, err := s.Intake.Store.Run(ctx, site.ID, in.ID)
	return s.importAnswer(ctx, run, err)
}
