package safehttp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	refused := map[string]string{
		"0.0.0.0":                              "an unspecified address",
		"0.1.2.3":                              "an unspecified address",
		"10.0.0.1":                             "a private address",
		"100.64.0.1":                           "a carrier's internal address",
		"100.127.255.254":                      "a carrier's internal address",
		"127.0.0.1":                            "a loopback address",
		"127.255.255.254":                      "a loopback address",
		"169.254.169.254":                      "a cloud metadata address",
		"169.254.1.1":                          "a link-local address",
		"172.16.0.1":                           "a private address",
		"172.31.255.255":                       "a private address",
		"192.0.0.1":                            "a reserved address",
		"192.0.2.1":                            "a documentation address",
		"192.168.1.1":                          "a private address",
		"198.18.0.1":                           "a benchmarking address",
		"198.19.255.255":                       "a benchmarking address",
		"198.51.100.7":                         "a documentation address",
		"203.0.113.7":                          "a documentation address",
		"224.0.0.1":                            "a multicast address",
		"239.255.255.250":                      "a multicast address",
		"240.0.0.1":                            "a reserved address",
		"255.255.255.255":                      "a broadcast address",
		"100.100.100.200":                      "a cloud metadata address",
		"168.63.129.16":                        "a cloud metadata address",
		"::":                                   "an unspecified address",
		"::1":                                  "a loopback address",
		"::ffff:127.0.0.1":                     "a loopback address",
		"::ffff:7f00:1":                        "a loopback address",
		"::ffff:10.1.2.3":                      "a private address",
		"::ffff:169.254.169.254":               "a cloud metadata address",
		"::127.0.0.1":                          "an IPv4-compatible address",
		"::8.8.8.8":                            "an IPv4-compatible address",
		"::ffff:0:127.0.0.1":                   "a reserved address",
		"64:ff9b::10.0.0.1":                    "a way to 10.0.0.1, a private address",
		"64:ff9b::a9fe:a9fe":                   "a way to 169.254.169.254, a cloud metadata address",
		"64:ff9b:1::1":                         "a private translation address",
		"2002:7f00:1::":                        "a way to 127.0.0.1, a loopback address",
		"2002:c0a8:101::1":                     "a way to 192.168.1.1, a private address",
		"2001:0:4136:e378:8000:63bf:80ff:fffe": "a way to 127.0.0.1, a loopback address",
		"2001:0:a00:1::f7f7:f7f7":              "a way to 10.0.0.1, a private address",
		"2a00:1450::5efe:10.0.0.1":             "a way to 10.0.0.1, a private address",
		"2a00:1450::200:5efe:7f00:1":           "a way to 127.0.0.1, a loopback address",
		"fc00::1":                              "a private address",
		"fd12:3456::1":                         "a private address",
		"fd00:ec2::254":                        "a cloud metadata address",
		"fe80::1":                              "a link-local address",
		"fe80::1%eth0":                         "a link-local address",
		"fec0::1":                              "a private address",
		"ff02::1":                              "a multicast address",
		"2001:db8::1":                          "a documentation address",
		"3fff::1":                              "a documentation address",
		"2001:2::1":                            "a benchmarking address",
		"2001:20::1":                           "a reserved address",
		"100::1":                               "a discard address",
		"5f00::1":                              "a reserved address",
		"4000::1":                              "a reserved address",
	}
	for s, why := range refused {
		err := Check(netip.MustParseAddr(s))
		var r *Refused
		if !errors.As(err, &r) || !strings.HasPrefix(r.Why, why) {
			t.Errorf("Check(%s) = %v, want %q", s, err, why)
		}
	}
	if err := Check(netip.MustParseAddr("10.0.0.1")); err.Error() != "refused: 10.0.0.1 is a private address" {
		t.Errorf("%q", err)
	}
	if Check(netip.Addr{}) == nil {
		t.Error("no address is let through")
	}
	for _, s := range []string{
		"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.169.0.1",
		"198.17.255.255", "198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
		"2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "2001:200::1",
	} {
		if err := Check(netip.MustParseAddr(s)); err != nil {
			t.Errorf("Check(%s) = %v", s, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add(netip.MustParseAddr("2002:7f00:1::").AsSlice())
	f.Fuzz(func(t *testing.T, raw []byte) {
		addr, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		plain := addr.Unmap()
		err := Check(addr)
		if (plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified()) && err == nil {
			t.Fatalf("%s is let through", addr)
		}
		if plain.Is4() {
			raw4 := plain.As4()
			for _, wrapped := range [][]byte{
				append([]byte{0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, raw4[:]...),
				append(append([]byte{0x20, 0x02}, raw4[:]...), make([]byte, 10)...),
				append([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, raw4[:]...),
			} {
				a, _ := netip.AddrFromSlice(wrapped)
				if err != nil && Check(a) == nil {
					t.Fatalf("%s is refused, %s is let through", addr, a)
				}
			}
		}
	})
}
