package safehttp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Refused is the error for an address that must not be reached.
type Refused struct {
	Addr netip.Addr
	Why  string // "a private address"
}

// Error gives a plain sentence: "refused: 10.0.0.1 is a private address".
func (e *Refused) Error() string { return fmt.Sprintf("refused: %s is %s", e.Addr, e.Why) }

// Internal tells those who only know the method that this is about an address
// within, and not about a form of it.
func (e *Refused) Internal() bool { return true }

// special lists address blocks that are not hosts on the public internet, after
// the IANA registries of special-purpose addresses. The first that holds an
// address gives the reason.
var special = blocks(
	"0.0.0.0/8", "an unspecified address",
	"10.0.0.0/8", "a private address",
	"100.100.100.200/32", "a cloud metadata address",
	"100.64.0.0/10", "a carrier's internal address",
	"127.0.0.0/8", "a loopback address",
	"169.254.169.254/32", "a cloud metadata address",
	"169.254.170.2/32", "a cloud metadata address",
	"169.254.0.0/16", "a link-local address",
	"172.16.0.0/12", "a private address",
	"192.0.0.192/32", "a cloud metadata address",
	"192.0.0.0/24", "a reserved address",
	"192.0.2.0/24", "a documentation address",
	"192.31.196.0/24", "a reserved address",
	"192.52.193.0/24", "a reserved address",
	"192.88.99.0/24", "a reserved address",
	"192.168.0.0/16", "a private address",
	"192.175.48.0/24", "a reserved address",
	"198.18.0.0/15", "a benchmarking address",
	"198.51.100.0/24", "a documentation address",
	"203.0.113.0/24", "a documentation address",
	"168.63.129.16/32", "a cloud metadata address",
	"224.0.0.0/4", "a multicast address",
	"255.255.255.255/32", "a broadcast address",
	"240.0.0.0/4", "a reserved address",

	"::/128", "an unspecified address",
	"::1/128", "a loopback address",
	"100::/64", "a discard address",
	"fd00:ec2::254/128", "a cloud metadata address",
	"fd20:ce::254/128", "a cloud metadata address",
	"fc00::/7", "a private address",
	"fe80::/10", "a link-local address",
	"fec0::/10", "a private address",
	"ff00::/8", "a multicast address",
	"2001:db8::/32", "a documentation address",
	"3fff::/20", "a documentation address",
	"2001:2::/48", "a benchmarking address",
	"5f00::/16", "a reserved address",
)

type block struct {
	prefix netip.Prefix
	why    string
}

func blocks(pairs ...string) []block {
	var out []block
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, block{netip.MustParsePrefix(pairs[i]), pairs[i+1]})
	}
	return out
}

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96")
	nat64Local    = netip.MustParsePrefix("64:ff9b:1::/48")
	compatible    = netip.MustParsePrefix("::/96")
	sixToFour     = netip.MustParsePrefix("2002::/16")
	teredo        = netip.MustParsePrefix("2001::/32")
	ietf          = netip.MustParsePrefix("2001::/23")
	isatapMarks   = [...]uint32{0x00005efe, 0x02005efe}
)

// Check returns a *Refused where the address is not a host on the public
// internet, in any of the ways in which IPv6 can wrap an IPv4 address.
func Check(addr netip.Addr) error {
	if !addr.IsValid() {
		return &Refused{addr, "not an address"}
	}
	outer := addr
	refuse := func(why string) error { return &Refused{outer, why} }
	addr = addr.WithZone("").Unmap()
	for _, b := range special {
		if b.prefix.Contains(addr) {
			return refuse(b.why)
		}
	}
	if addr.Is4() {
		return nil
	}
	raw := addr.As16()
	inner := func(at int, invert byte) error {
		v4 := netip.AddrFrom4([4]byte{raw[at] ^ invert, raw[at+1] ^ invert, raw[at+2] ^ invert, raw[at+3] ^ invert})
		if err := Check(v4); err != nil {
			return refuse(fmt.Sprintf("a way to %s, %s", v4, err.(*Refused).Why))
		}
		return nil
	}
	switch {
	case nat64.Contains(addr):
		return inner(12, 0)
	case nat64Local.Contains(addr):
		return refuse("a private translation address")
	case compatible.Contains(addr):
		return refuse("an IPv4-compatible address, which is reserved")
	case sixToFour.Contains(addr):
		return inner(2, 0)
	case teredo.Contains(addr):
		if err := inner(4, 0); err != nil { // the relay
			return err
		}
		return inner(12, 0xff) // the host
	case ietf.Contains(addr):
		return refuse("a reserved address")
	case !globalUnicast.Contains(addr):
		return refuse("a reserved address")
	}
	for _, mark := range isatapMarks {
		if binary.BigEndian.Uint32(raw[8:12]) == mark {
			return inner(12, 0)
		}
	}
	return nil
}
