package retrieval

import "fmt"

// Audience says who may read an article, and who reads: each sees what is for
// them and all that is for more people.
type Audience int

// Audiences, from the most people to the fewest.
const (
	Everyone Audience = iota
	// SignedIn are shoppers whom the shop vouches for.
	SignedIn
	// Agents are the shop's people; what is theirs is never shown or quoted to a
	// shopper.
	Agents
)

var audienceNames = []string{"everyone", "signed_in", "agents"}

// String is the audience's name on the wire.
func (a Audience) String() string {
	if a < 0 || int(a) >= len(audienceNames) {
		return fmt.Sprintf("audience %d", int(a))
	}
	return audienceNames[a]
}

// ParseAudience reads a name of the wire; false where there is no such audience.
func ParseAudience(name string) (Audience, bool) {
	for i, n := range audienceNames {
		if n == name {
			return Audience(i), true
		}
	}
	return Everyone, false
}
