package golden

import "sync"

// purse bounds what several turns may cost together, in millionths of a dollar.
// A nil purse has no bound.
type purse struct {
	mu   sync.Mutex
	left int64
}

func (p *purse) take(amount int64) bool {
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < amount {
		return false
	}
	p.left -= amount
	return true
}

func (p *purse) giveBack(amount int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left += amount
}
