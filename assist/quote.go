package assist

import "strings"

// quotable is a passage as a shopper reads it in a citation: word for word, but
// for tables, which become a line for each row with the heads beside the cells.
func quotable(markdown string) string {
	var out, head []string
	lines := strings.Split(markdown, "\n")
	for i, line := range lines {
		cells, ok := tableRow(line)
		switch {
		case !ok:
			head = nil
			out = append(out, line)
		case head == nil && i+1 < len(lines) && rulerLine(lines[i+1]):
			head = cells
		case head == nil:
			out = append(out, line)
		case ruler(cells):
		default:
			out = append(out, "- "+rowText(head, cells))
		}
	}
	return strings.Join(out, "\n")
}

// tableRow splits a line of a Markdown table into its cells.
func tableRow(line string) ([]string, bool) {
	s := strings.TrimSpace(line)
	if !strings.HasPrefix(s, "|") || !strings.HasSuffix(s, "|") || len(s) < 2 {
		return nil, false
	}
	cells := strings.Split(strings.ReplaceAll(s[1:len(s)-1], `\|`, "\x00"), "|")
	for i, c := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
	}
	return cells, true
}

func rulerLine(line string) bool {
	cells, ok := tableRow(line)
	return ok && ruler(cells)
}

// ruler says that a row is the line under a table's head.
func ruler(cells []string) bool {
	for _, c := range cells {
		if strings.Trim(c, ":-") != "" || c == "" {
			return false
		}
	}
	return true
}

func rowText(head, cells []string) string {
	var rest []string
	for i, c := range cells[1:] {
		if c == "" {
			continue
		}
		if i+1 < len(head) && head[i+1] != "" {
			c = head[i+1] + " " + c
		}
		rest = append(rest, c)
	}
	if len(rest) == 0 {
		return cells[0]
	}
	return cells[0] + ": " + strings.Join(rest, "; ")
}
