package retrieval

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// writing says that what is fitted is to be written into the code.
func writing() bool { return os.Getenv("CARELOOP_FIT") != "" }

// rewrite puts a fitted value into the file that has it as a variable. Weights are
// rounded to hundredths; those that are nothing are left out.
func rewrite(t *testing.T, path, variable string, value any) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	after, err := withValue(string(source), variable, value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func withValue(source, variable string, value any) (string, error) {
	var fields []string
	v := reflect.ValueOf(value)
	for i := range v.NumField() {
		if x := v.Field(i).Float(); x != 0 {
			fields = append(fields, fmt.Sprintf("%s: %.2f", v.Type().Field(i).Name, x))
		}
	}
	line := regexp.MustCompile(`(?m)^(\t` + variable + ` = \w+)\{.*\}$`)
	if !line.MatchString(source) {
		return "", fmt.Errorf("there is no variable %s to write to", variable)
	}
	return line.ReplaceAllString(source, "${1}{"+strings.Join(fields, ", ")+"}"), nil
}

func TestWithValue(t *testing.T) {
	source := "var (\n\t// one is one.\n\tone = ordering{words: 1}\n\ttwo = ordering{}\n)\n"
	got, err := withValue(source, "one", ordering{words: 2.345, talk: 0, kin: -1})
	if want := strings.Replace(source, "words: 1", "words: 2.35, kin: -1.00", 1); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := withValue(source, "three", ordering{}); err == nil {
		t.Error("a variable that is not there was written to")
	}
}
