// Package eval measures how good what Careloop does is, on rows of questions and
// what should become of them. It reads the rows, asks, scores and prints; where
// the answers come from is its caller's business.
package eval
