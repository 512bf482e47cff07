package retrieval

import (
	"strings"
	"testing"
)

func TestIntricateTextIsRefusedAndStillCut(t *testing.T) {
	wide := "|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + "\n" + strings.Repeat("|x|\n", 5000)
	for name, c := range map[string]struct{ in, want string }{
		"quotations":                  {strings.Repeat(">", 100_000) + "x", "nested too deeply"},
		"lists":                       {strings.Repeat("1. ", 100_000) + "x", "nested too deeply"},
		"emphasis":                    {strings.Repeat("*a_ ", 500_000), "too many of the marks"},
		"links":                       {strings.Repeat("[a](", 500_000), "too many of the marks"},
		"many paragraphs of emphasis": {strings.Repeat(strings.Repeat("*a_ ", 1000)+"\n\n", 500), "too many of the marks"},
		"a wide table":                {wide, "more than 200 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := CleanMarkdown(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			checkSizes(t, Cut(c.in))
			if _, err := CleanHTML([]byte("<p>"+c.in), ""); err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("as HTML: %v", err)
			}
		})
	}
	if _, err := CleanHTML([]byte("<table><tr>"+strings.Repeat("<td>x", 1000)+strings.Repeat("<tr><td>y", 10_000)), ""); err == nil || !strings.Contains(err.Error(), "200 columns") {
		t.Errorf("a wide HTML table: %v", err)
	}
	if page, err := CleanHTML([]byte("<table><tr><td colspan=1000000000 rowspan=65534>x</table>"), ""); err != nil || len(page.Markdown) > 1000 {
		t.Errorf("a wide cell: %d bytes, %v", len(page.Markdown), err)
	}
}

func TestOrdinaryTextIsNotIntricate(t *testing.T) {
	for name, s := range map[string]string{
		"a list of 5,000 links": strings.Repeat("- [a](b) *c*\n", 5000),
		"a long table":          "|a|b|\n|-|-|\n" + strings.Repeat("| *x* | [y](z) |\n", 5000),
		"a rule":                strings.Repeat("- ", 200) + "\n\n" + strings.Repeat("*", 200) + "\n" + strings.Repeat("-", 500),
		"numbers":               strings.Repeat("1.5 ", 300) + "x",
		"a large code block":    "```\n" + strings.Repeat("some_long_name = other_name[0]\n", 1500) + "```",
	} {
		if why := intricate(s); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}
