package prompts

var (
	draft         = parse("draft.md")
	draftMaterial = parse("draft-material.md")
	judge         = parse("draft-judge.md")
	judgeCase     = parse("draft-judge-case.md")
	careGuide     = read("care-guide.md")
)

// CareGuide is the definition of care that a shop has until it writes its own,
// in Markdown.
func CareGuide() string { return careGuide }

func read(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded: cannot be missing in a built program
	}
	return string(b)
}

// DraftInput is what the drafting prompt needs.
type DraftInput struct {
	Shop      string
	Language  string // name of the language, in English
	CareGuide string
	Offers    []string
	Tone      string
	// Name is the shopper's, empty where the shop did not vouch for one.
	Name                 string
	Topic, Feeling, Wish string
	Orders               []string
	Timeline             []SaidInput
	Passages             []PassageInput
	GoodReplies          []GoodReplyInput
	// Given is the text to be rewritten; empty: a new reply.
	Given string
}

// SaidInput is one message of a timeline.
type SaidInput struct {
	By   string // shopper, bot, agent
	Text string
}

// GoodReplyInput is a reply that went down well in a similar matter.
type GoodReplyInput struct {
	Question, Reply string
}

// Draft gives the system message, the user message, and the hash of the
// templates (not of their inputs).
func Draft(in DraftInput) (system, user, hash string) {
	return render(draft, in), render(draftMaterial, in), hashOf("draft.md", "draft-material.md")
}

// JudgeInput is what the judging prompt needs.
type JudgeInput struct {
	Timeline []SaidInput
	Passages []PassageInput
	Reply    string
}

// Judge gives the system message, the user message and the hash of the rubric
// that a draft is judged by.
func Judge(in JudgeInput) (system, user, hash string) {
	return render(judge, in), render(judgeCase, in), hashOf("draft-judge.md", "draft-judge-case.md")
}
