package web

// socket is a shopper's: the widget's wire.
type socket struct {
	pump
	origin  string   // empty: our own, or not a browser
	session *session // nil before hello
}
