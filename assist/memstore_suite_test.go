package assist_test

import (
	"testing"

	"github.com/careloop/careloop/assist/storetest"
)

func TestMemStoreIsLikeTheRealOne(t *testing.T) {
	storetest.Suite(t, func(*testing.T) storetest.Shop {
		m := newMemStore()
		return storetest.Shop{Store: m, SiteID: "site", ShopperID: "shopper",
			AgentIsOnline: func(_ *testing.T, name string) { m.free, m.standing.Online = name, 1 }}
	})
}
