package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// maxLine bounds one row, in bytes.
const maxLine = 16 << 20

// ReadLines reads a file of JSON Lines: one T for each line that is not blank.
// check, if set, looks at each row. Every error is a sentence with the file, the
// line and what is wrong there.
func ReadLines[T any](path string, check func(line int, row *T) error) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %s", path, reason(err))
	}
	defer f.Close()
	var rows []T
	in := bufio.NewReaderSize(f, 64<<10)
	for n := 1; ; n++ {
		text, err := readLine(in)
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s, line %d: %s", path, n, reason(err))
		}
		text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
		if len(text) > 0 {
			var row T
			if !utf8.Valid(text) {
				return nil, fmt.Errorf("%s, line %d: the line is not valid UTF-8", path, n)
			}
			if err := json.Unmarshal(text, &row); err != nil {
				return nil, fmt.Errorf("%s, line %d: %s", path, n, jsonReason(err))
			}
			if check != nil {
				if err := check(n, &row); err != nil {
					return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
				}
			}
			rows = append(rows, row)
		}
		if err == io.EOF {
			break
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s has no rows", path)
	}
	return rows, nil
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, fmt.Errorf("the line is longer than %d MB", maxLine>>20)
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func jsonReason(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("this is not JSON: %s at byte %d", syntax.Error(), syntax.Offset)
	case errors.As(err, &kind) && kind.Field == "":
		return "the line is not a JSON object"
	case errors.As(err, &kind):
		return fmt.Sprintf("the field %s holds a %s, which is not what belongs there", kind.Field, kind.Value)
	}
	return err.Error()
}

// label is an id: a JSON text or number.
type label string

func (l *label) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*l = label(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return errors.New("an id is neither a text nor a number")
	}
	*l = label(n)
	return nil
}
