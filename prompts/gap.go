package prompts

var (
	gapArticle  = parse("gap-article.md")
	gapMaterial = parse("gap-article-material.md")
)

// GapArticleInput is what the prompt needs that makes an article of replies.
type GapArticleInput struct {
	Shop     string
	Language string // name of the language, in English
	// Questions and Replies are without personal data.
	Questions, Replies []string
	Passages           []PassageInput
}

// GapArticle gives the system message, the user message, and the hash of the
// templates (not of their inputs).
func GapArticle(in GapArticleInput) (system, user, hash string) {
	return render(gapArticle, in), render(gapMaterial, in), hashOf("gap-article.md", "gap-article-material.md")
}
