package static

import (
	"math"
	"strings"
	"testing"
)

func TestMatcher(t *testing.T) {
	e := embedder(t)
	match := e.Matcher("How do I return my shoes?")
	same, near, far := match("Return shoes, how do I my?"), match("Sending boots back"), match("Gift cards")
	if same < 0.999 || near >= same || far >= near || far < 0 {
		t.Errorf("the same words match %.3f, near ones %.3f, others %.3f", same, near, far)
	}
	if again := match("Sending boots back"); again != near {
		t.Errorf("a second time %.3f, not %.3f", again, near)
	}
	for _, c := range [][2]string{{"", "shoes"}, {"shoes", ""}, {"", ""}, {"\x00\u200b", "shoes"}} {
		if got := e.Matcher(c[0])(c[1]); got != 0 {
			t.Errorf("%q and %q match %.3f", c[0], c[1], got)
		}
	}
	long := strings.Repeat("shoes boots jackets parcels refunds ", 1000)
	if got := e.Matcher(long)(long); math.IsNaN(got) || got < 0.99 {
		t.Errorf("a long text matches itself %.3f", got)
	}
}

// MaxSim looks for the nearest token by signs, Matcher by the cosine itself.
func TestMatcherIsAtLeastMaxSim(t *testing.T) {
	e := embedder(t)
	question := "Is there a discount for students on winter jackets?"
	match := e.Matcher(question)
	for _, text := range []string{"Student discounts", "Jackets for winter", "Where is my parcel?", "Coupons and vouchers for schools"} {
		if exact, signs := match(text), float64(e.MaxSim(e.Tokens(question), e.Tokens(text))); exact < signs-1e-5 {
			t.Errorf("%q: %.4f, MaxSim gives %.4f", text, exact, signs)
		}
	}
}
