package postgres

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/careloop/careloop/internal/pgtest"
)

// TestEveryStatementFitsTheSchema prepares every constant whose name begins
// with sql against the migrated schema, and sees to it that no statement is
// written any other way.
func TestEveryStatementFitsTheSchema(t *testing.T) {
	files := token.NewFileSet()
	var parsed []*ast.File
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	// Only constants matter, so what comes from other packages may stay unknown.
	config := types.Config{Importer: importer.Default(), Error: func(error) {}}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	_, _ = config.Check("postgres", files, parsed, info)

	conn := pgtest.New(t)
	prepared := 0
	for ident, object := range info.Defs {
		c, ok := object.(*types.Const)
		if !ok || !strings.HasPrefix(ident.Name, "sql") {
			continue
		}
		if c.Val().Kind() != constant.String {
			t.Errorf("%s is no constant text: it cannot be checked", ident.Name)
			continue
		}
		prepared++
		text := constant.StringVal(c.Val())
		if strings.Contains(text, "%[1]d") { // an embedder's id, its dimensions, a site, a limit
			text = fmt.Sprintf(text, 1, 3, "00000000-0000-7000-8000-000000000000", 10)
		}
		statement := fmt.Sprintf("prepare p%d as %s", prepared, text)
		if ident.Name == "sqlAnalyze" || ident.Name == "sqlSettle" { // which cannot be prepared
			statement = constant.StringVal(c.Val())
		}
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Errorf("%s (%s): %v", ident.Name, files.Position(ident.Pos()), err)
		}
	}
	if prepared < 50 {
		t.Errorf("only %d statements were found", prepared)
	}

	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && (strings.HasPrefix(spec.Names[0].Name, "sql") || strings.HasSuffix(spec.Names[0].Name, "Columns")) {
				return false
			}
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			for _, verb := range []string{"select ", "insert into ", "update ", "delete from ", "with "} {
				if text := strings.Trim(literal.Value, "`\" \n"); strings.HasPrefix(text, verb) {
					t.Errorf("%s: a statement that is no constant sql…: %.40s", files.Position(literal.Pos()), text)
				}
			}
			return true
		})
	}
}
